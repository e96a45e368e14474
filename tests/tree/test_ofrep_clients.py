"""
OpenFeature's own OFREP providers for Node, unmodified, against real processes.

Python's is in the story of `test_spine`. They are in `node_modules`; `make test` installs them.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.tree.asking import PRODUCTION, Origin, eventually
from tests.tree.processes import Tree, a_tree

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(
        not (ROOT / "node_modules/@openfeature/ofrep-web-provider").is_dir(),
        reason="needs what `npm ci` installs",
    ),
]


class NodeClient:
    """A program of `tests/clients`; it says what it has, a line each time."""

    def __init__(self, program: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [ROOT / "scripts/with-node", "node", ROOT / "tests/clients" / program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> dict[str, Any]:
        """Return what it says next."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"It ended with {self._process.wait()}."
        said: dict[str, Any] = json.loads(line)
        return said

    def end(self) -> None:
        """End its input, and so itself."""
        self._process.communicate(timeout=30)


@contextmanager
def running(program: str, *arguments: str) -> Iterator[NodeClient]:
    """Run a client for the length of a block."""
    client = NodeClient(program, *arguments)
    try:
        yield client
    finally:
        client.end()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Give an origin with an edge below it."""
    with a_tree(tmp_path_factory.mktemp("tree")) as tree:
        tree.start_origin()
        yield tree


@pytest.fixture(scope="module", params=["up", "edge"])
def url(tree: Tree, request: pytest.FixtureRequest) -> str:
    """Give the address of what evaluates: `pennon up` under its server, an edge under its own."""
    if request.param == "up":
        return tree.url
    edge = tree.start_edge("ams")
    edge.until_ready()
    address: str = edge.ready["url"]
    return address


def without_value(tree: Tree, program: str, *arguments: str) -> dict[str, Any]:
    """Return what a client has while `new-checkout` is off and has no off variation."""
    flag = f"{PRODUCTION}/flags/new-checkout"
    origin = Origin(tree)
    version = origin.ask("PATCH", flag, json={"enabled": False, "off": None})["version"]
    eventually_at(tree, arguments[0], version)
    try:
        with running(program, *arguments) as client:
            return client.line()
    finally:
        origin.ask("PATCH", flag, json={"off": "off"})


def eventually_at(tree: Tree, url: str, version: int) -> None:
    """Wait until the node at *url* serves *version* of production."""
    headers = {"Authorization": f"Bearer {tree.keys['serverKey']}"}

    def is_there() -> bool:
        answer = httpx2.post(f"{url}/ofrep/v1/evaluate/flags", headers=headers)
        served = answer.json()["metadata"]["version"]
        return int(served.rpartition(".")[2]) >= version

    eventually(is_there)


class TestServer:
    def test_reads(self, tree: Tree, url: str) -> None:
        """Every type of value, a flag that there is not and one of another type."""
        eventually_at(tree, url, Origin(tree).switch(False))
        with running("server.mjs", url, tree.keys["serverKey"]) as client:
            told = client.line()

        assert told["boolean"] == {"value": False, "variant": "off", "reason": "DISABLED"}
        assert told["string"]["value"] in ("classic", "vector", "hybrid")
        assert told["integer"]["value"] > 0
        assert told["missing"] == {
            "value": "caller's",
            "reason": "ERROR",
            "errorCode": "FLAG_NOT_FOUND",
        }
        assert told["mismatched"]["errorCode"] == "TYPE_MISMATCH"

    def test_no_value(self, tree: Tree, url: str) -> None:
        """Where a flag serves no value the caller's default applies, as this version errs."""
        told = without_value(tree, "server.mjs", url, tree.keys["serverKey"])["boolean"]

        assert told["value"] is True
        assert told["errorCode"] == "GENERAL"


class TestWeb:
    def test_no_value(self, tree: Tree, url: str) -> None:
        """Where a flag serves no value the caller's default applies, and is no error."""
        told = without_value(tree, "web.mjs", url, tree.keys["clientKey"], "sse")

        assert (told["value"], told["variant"], told["reason"]) == (False, "", "DISABLED")

    def test_events(self, tree: Tree, url: str) -> None:
        """A page hears of a change over its event stream, and asks once more for its flags."""
        origin = Origin(tree)
        eventually_at(tree, url, origin.switch(False))
        with running("web.mjs", url, tree.keys["clientKey"], "sse") as page:
            first = page.line()
            origin.switch(True)
            second = page.line()
            origin.switch(False)
            third = page.line()

        assert first["hidden"] == "FLAG_NOT_FOUND"
        assert [line["value"] for line in (first, second, third)] == [False, True, False]
        assert third["statuses"] == [200, 200, 200]

    def test_polling(self, tree: Tree, url: str) -> None:
        """One that asks every now and then is answered 304 until something has changed."""
        origin = Origin(tree)
        eventually_at(tree, url, origin.switch(False))
        with running("web.mjs", url, tree.keys["clientKey"], "polling") as page:
            page.line()
            origin.switch(True)
            told = page.line()

        assert told["value"] is True
        assert told["statuses"][0] == told["statuses"][-1] == 200
        assert set(told["statuses"][1:-1]) <= {304}
