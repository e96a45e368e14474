"""An edge of several processes: reloaded, stopped and killed, with clients that ask meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.builders.relay import a_secret
from tests.tree.asking import Origin, eventually, ready
from tests.tree.load import under_load
from tests.tree.processes import Process, Tree, a_tree

EVALUATIONS = "/api/v1/projects/shop/environments/production/flags/new-checkout/evaluations"


def workers_of(edge: Process) -> list[int]:
    """Return the processes that an edge has started last, in the order of their places."""
    events = [json.loads(line) for line in edge.log().splitlines() if line.startswith("{")]
    started = {
        event["worker"]: event["pid"] for event in events if event["event"] == "worker_started"
    }
    return [started[name] for name in sorted(started)]


def ask(url: str, tree: Tree, times: int) -> None:
    """Evaluate so many times, each on a connection of its own."""
    for number in range(times):
        answer = httpx2.post(
            f"{url}/ofrep/v1/evaluate/flags/new-checkout",
            json={"context": {"targetingKey": f"user-{number}"}},
            headers={"Authorization": f"Bearer {tree.keys['serverKey']}"},
        )
        assert answer.status_code == 200


@pytest.mark.timeout(240)
async def test_no_request_fails(tmp_path: Path) -> None:
    """Reloads and a stop, under load of every kind: each request that is sent is answered."""
    with a_tree(tmp_path) as tree:
        await asyncio.to_thread(tree.start_origin)
        alone = tree.start_edge("fra", "--drain-seconds", "20")
        edge = tree.start_edge("ams", "--workers", "2", "--drain-seconds", "20")
        node = await asyncio.to_thread(ready, edge, tree)
        async with under_load(node.port, tree.keys["serverKey"]) as load:
            for reloads in (1, 2):
                edge.signal(signal.SIGHUP)
                await load.more(lambda: edge.log().count('"reloaded"') == reloads)  # noqa: B023
            # Those who were replaced have gone, and the last of them have drained.
            await load.more(lambda: edge.log().count('"worker_ended"') == 4)
            code = await asyncio.to_thread(edge.stop)

        assert load.failures == []
        assert code == 0
        assert {status for _, status in load.answers} == {200}
        assert {name for name, _ in load.answers} == {"kept", "fresh", "slow", "late", "resting"}
        assert all(load.last[name] for name in ("kept", "slow", "resting"))
        assert "Traceback" not in edge.log()

        # What was answered was counted, once each, by whomever.
        answered = sum(load.answers.values())
        assert await asyncio.to_thread(_counted, tree) == answered

        # A single process has nobody to take over from it, and yet finishes what has begun.
        node = await asyncio.to_thread(ready, alone, tree)
        async with under_load(node.port, tree.keys["serverKey"]) as load:
            await load.more(lambda: load.answers["slow", 200] > 0)
            code = await asyncio.to_thread(alone.stop)

        assert load.failures == []
        assert code == 0
        assert {status for _, status in load.answers} == {200}
        assert await asyncio.to_thread(_counted, tree) == answered + sum(load.answers.values())


@pytest.mark.timeout(240)
def test_each_is_a_node(tmp_path: Path) -> None:
    """Receipts and metrics have every worker in them, and one that is killed comes back."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        edge = tree.start_edge("ams", "--workers", "2")
        node = ready(edge, tree)

        # A change is live where both have it, and each says so under a name of its own.
        origin = Origin(tree)
        version = origin.switch(True)
        assert origin.receipt(version, "ams")["complete"]
        eventually(lambda: _names(origin) >= {"ams-1.w0", "ams-1.w1"})

        # Whichever is asked for metrics, both tell theirs.
        held = 'pennon_environment_version{environment="shop/production",worker='
        assert [node.metric(f'{held}"{name}"') for name in ("w0", "w1")] == [version] * 2
        assert node.metric("pennon_workers_ready ") == 2

        # A stream of changes may be opened at any worker, whoever has named it.
        named = httpx2.post(
            f"{node.url}/ofrep/v1/evaluate/flags",
            json={"context": {"targetingKey": "ada"}},
            headers={"Authorization": f"Bearer {tree.keys['clientKey']}"},
        ).json()["eventStreams"][0]["endpoint"]["requestUri"]
        for _ in range(6):
            with httpx2.stream("GET", node.url + named) as stream:
                assert stream.status_code == 200

        # One dies: the other answers at once, also those who come by the dead one's door.
        ask(node.url, tree, 10)
        before = workers_of(edge)
        os.kill(before[0], signal.SIGKILL)
        eventually(lambda: '"code": -9' in edge.log())
        ask(node.url, tree, 10)
        eventually(lambda: node.metric("pennon_workers_ready ") == 2)
        assert node.metric("pennon_workers_started_total ") == 3
        assert before[1] == workers_of(edge)[1]

        # The supervisor dies: nobody would hear of the port again, so its workers leave.
        edge.kill()
        eventually(lambda: not _is_open(node.port))


def test_told_to_stop_at_once(tmp_path: Path) -> None:
    """A signal while nobody is ready ends all that has begun."""
    with a_tree(tmp_path) as tree:
        tree.keys = {"relayKey": a_secret()}
        edge = tree.start_edge("ams", "--workers", "2")
        eventually(lambda: edge.log().count('"worker_started"') == 2)

        assert edge.stop() == 0
        assert not any(map(_lives, workers_of(edge)))


def _names(origin: Origin) -> set[str]:
    return {node["node"] for node in origin.ask("GET", "/api/v1/nodes")["items"]}


def _counted(tree: Tree) -> int:
    headers = {"Authorization": f"Bearer {tree.keys['adminToken']}"}
    view = httpx2.get(tree.url + EVALUATIONS, headers=headers).json()
    return sum(one["count"] for one in view["totals"])


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True


def _lives(pid: int) -> bool:
    return subprocess.run(["kill", "-0", str(pid)], capture_output=True).returncode == 0
