"""Clients and real processes: what they follow, what they live through."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ProviderFatalError

from pennon.errors import BadInput
from pennon.sdk.aio import AsyncClient
from pennon.sdk.client import Client
from pennon.sdk.health import Status
from pennon.sdk.openfeature import PennonProvider
from tests.builders.relay import a_secret
from tests.builders.sdk import PATIENCE, eventually
from tests.tree.asking import Origin
from tests.tree.processes import Tree, a_tree

pytestmark = pytest.mark.timeout(120)

PRO = {"targetingKey": "ada", "plan": "pro"}
FLAG = "new-checkout"
NOBODYS = a_secret(70, "server")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin that serves."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        yield tree


def is_on(client: Client) -> bool:
    return client.boolean(FLAG, PRO)


class TestFollowing:
    def test_a_change_arrives(self, tree: Tree) -> None:
        """A client asks its edge once and is told of changes; the key says of which environment."""
        origin = Origin(tree)
        origin.switch(False)
        told: list[str] = []
        with Client(tree.keys["serverKey"], tree.url) as client:
            eventually(lambda: not is_on(client))
            client.on_change(FLAG, told.append)
            origin.switch(True)
            eventually(lambda: is_on(client))
            status = client.status
        eventually(lambda: told == [FLAG])

        assert (status.state, status.environment) == ("ready", "shop/production")

    async def test_async(self, tree: Tree) -> None:
        """The same is to be had from asyncio."""
        Origin(tree).switch(True)
        async with AsyncClient(tree.keys["serverKey"], tree.url) as client:
            # The change may be on its way still.
            async with asyncio.timeout(PATIENCE):
                while not client.boolean(FLAG, PRO):  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
        assert client.status.state == "closed"

    def test_wrong_options(self, tree: Tree, tmp_path: Path) -> None:
        """Every fault is told at once, before anything begins."""
        with pytest.raises(BadInput) as caught:
            Client(tree.keys["relayKey"], "edge", environment="$access", ca=tmp_path, timeout=-1)

        assert [fault.path for fault in caught.value.faults] == [
            *("key", "url", "environment", "timeout", "ca"),
        ]

    def test_wrong_place(self, tree: Tree) -> None:
        """What answers and is no edge is no exception: it is the trouble in the status."""
        other = Client(tree.keys["serverKey"], f"{tree.url}/nowhere")
        try:
            eventually(lambda: other.status.trouble is not None)
            status = other.status
        finally:
            other.close()

        assert status.state == "starting"
        assert "404" in (status.trouble or "")

    def test_refused(self, tree: Tree) -> None:
        """A key that is not known is said to be refused, and to OpenFeature it is fatal."""
        provider = PennonProvider(key=NOBODYS, url=tree.url, ready_seconds=1)
        with pytest.raises(ProviderFatalError, match="401"):
            provider.initialize(EvaluationContext())
        status = provider.client.status
        provider.shutdown()

        assert (status.state, status.refused) == ("starting", True)


class TestOutages:
    def test_edge_comes_back(self, tree: Tree) -> None:
        """Values stay while an edge is dead; it says stale, and catches up when it lives."""
        origin = Origin(tree)
        origin.switch(True)
        edge = tree.start_edge("ams")
        url = edge.until_ready()["url"]
        states: list[Status] = []
        with Client(tree.keys["serverKey"], url, stale_seconds=0.5, idle_seconds=30) as client:
            eventually(lambda: is_on(client))
            client.on_status(states.append)
            edge.kill()
            eventually(lambda: client.status.state == "stale")
            answer = client.boolean_detail(FLAG, PRO)
            origin.switch(False)
            tree.start_edge("ams", port=int(url.rpartition(":")[2])).until_ready()
            eventually(lambda: not is_on(client))

        assert (answer.value, answer.error_code) == (True, None)
        assert answer.stale_ms is not None
        (stale,) = [status for status in states if status.state == "stale"]
        assert stale.trouble

    def test_cache(self, tree: Tree, tmp_path: Path) -> None:
        """Without a network, a client starts from what it had last, and says that it is old."""
        Origin(tree).switch(True)
        with Client(tree.keys["serverKey"], tree.url, cache=tmp_path) as client:
            eventually(lambda: is_on(client))
            position = client.status.position
        with Client(tree.keys["serverKey"], "http://127.0.0.1:9", cache=tmp_path) as client:
            status, answer = client.status, client.boolean_detail(FLAG, PRO)

        assert (status.state, status.position) == ("stale", position)
        assert answer.value is True
        assert answer.stale_ms

    def test_broken_cache(self, tree: Tree, tmp_path: Path) -> None:
        """A cache that cannot be read is passed over, and written anew."""
        with Client(tree.keys["serverKey"], tree.url, cache=tmp_path):
            eventually(lambda: any(tmp_path.iterdir()))
        (file,) = tmp_path.iterdir()
        file.write_bytes(file.read_bytes()[:-3])
        with Client(tree.keys["serverKey"], tree.url, cache=tmp_path) as client:
            assert client.status.position
            eventually(lambda: len(file.read_bytes()) > 0)


class TestForks:
    def test_child_follows(self, tree: Tree) -> None:
        """A process that is forked off serves at once, and is told of changes by itself."""
        origin = Origin(tree)
        origin.switch(False)
        reading, writing = os.pipe()
        with Client(tree.keys["serverKey"], tree.url) as client:
            eventually(lambda: not is_on(client))
            child = os.fork()
            if child == 0:
                os.close(reading)
                _tell_changes(client, writing)
            os.close(writing)
            with os.fdopen(reading) as told:
                first = told.readline()
                origin.switch(True)
                second = told.readline()
            os.waitpid(child, 0)
            eventually(lambda: is_on(client))

        assert [first, second] == ["False\n", "True\n"]


def _tell_changes(client: Client, writing: int) -> None:
    """Tell what a client has now and after the next change, and end the process."""
    signal.alarm(30)
    try:
        os.write(writing, f"{is_on(client)}\n".encode())
        eventually(lambda: is_on(client))
        os.write(writing, f"{is_on(client)}\n".encode())
    finally:
        os._exit(0)
