"""Evaluations on an edge are counted at the origin: once each, whoever dies on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.tree.processes import Process, Tree, a_tree

PATIENCE = 60.0
PATH = "/api/v1/projects/shop/environments/production/flags/new-checkout/evaluations"


def ask(node: Process, tree: Tree, times: int) -> None:
    """Evaluate `new-checkout` on a node so many times."""
    with httpx2.Client(headers={"Authorization": f"Bearer {tree.keys['serverKey']}"}) as client:
        for number in range(times):
            answer = client.post(
                f"{node.ready['url']}/ofrep/v1/evaluate/flags/new-checkout",
                json={"context": {"targetingKey": f"user-{number}", "plan": "pro", "email": "x"}},
            )
            assert answer.status_code == 200


def counted(tree: Tree) -> dict[str, Any]:
    """Return what the origin knows of the flag's evaluations."""
    headers = {"Authorization": f"Bearer {tree.keys['adminToken']}"}
    answer = httpx2.get(tree.url + PATH, headers=headers)
    assert answer.status_code == 200
    view: dict[str, Any] = answer.json()
    return view


def affected(tree: Tree, change: dict[str, Any]) -> dict[str, Any]:
    """Return whom a change of the flag would affect."""
    answer = httpx2.patch(
        tree.url + PATH.removesuffix("/evaluations"),
        params={"dryRun": "true"},
        json=change,
        headers={"Authorization": f"Bearer {tree.keys['adminToken']}"},
    )
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()["affected"]
    return view


def total(tree: Tree) -> int:
    return sum(one["count"] for one in counted(tree)["totals"])


def eventually(holds: Callable[[], bool]) -> None:
    """Return once *holds*; fail when it does not within a patience no test should need."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.1)


@pytest.mark.timeout(240)
def test_every_evaluation_counts_once(tmp_path: Path) -> None:
    """The origin dies, an edge is killed and another stops: all that was served is counted once."""
    with a_tree(tmp_path) as tree:
        first = tree.start_origin()
        edge = tree.start_edge("ams", "--contexts", "attributes", "--private", "email")
        edge.until_ready()

        # An edge that stops tells at once, and so does the origin's own edge.
        assert total(tree) == 0
        assert counted(tree)["lastRequestedAt"] is None
        ask(edge, tree, 30)
        assert edge.stop() == 0
        assert total(tree) == 30
        assert counted(tree)["lastRequestedAt"] is not None

        # One that may tell of contexts lets a dry run say who is affected.
        seen = affected(tree, {"enabled": True, "default": {"variation": "on"}})
        assert seen["sampled"] == seen["changed"] > 0
        assert {*seen["examples"][0]["context"]["user"]} == {"key", "plan"}

        # The origin is gone: an edge goes on, and keeps on disk what it could not tell.
        edge = tree.start_edge("ams")
        edge.until_ready()
        first.kill()
        ask(edge, tree, 20)
        assert edge.stop() == 0
        edge = tree.start_edge("ams")
        edge.until_ready()
        ask(edge, tree, 5)

        # The origin comes back as it was, and everything arrives: once.
        second = tree.start_origin()
        assert total(tree) >= 30
        eventually(lambda: total(tree) == 55)
        assert edge.stop() == 0
        assert total(tree) == 55

        # What the origin's own edge serves counts as well, when it is back.
        ask(second, tree, 7)
        assert second.stop() == 0
        tree.start_origin()
        eventually(lambda: total(tree) == 62)


@pytest.mark.timeout(240)
def test_through_a_connector(tmp_path: Path) -> None:
    """A connector holds nothing: killed with batches on their way, it costs no evaluation."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        connector = tree.start_connector("eu")
        url = connector.until_ready()["url"]
        edge = tree.start_edge("ams", parents=[url])
        edge.until_ready()
        ask(edge, tree, 10)
        assert edge.stop() == 0
        assert total(tree) == 10

        # Without it the edge keeps what it counts, also across its own restart.
        edge = tree.start_edge("ams", parents=[url])
        edge.until_ready()
        ask(edge, tree, 5)
        connector.kill()
        assert edge.stop() == 0
        assert total(tree) == 10
        edge = tree.start_edge("ams", parents=[tree.url])
        edge.until_ready()
        eventually(lambda: total(tree) == 15)
