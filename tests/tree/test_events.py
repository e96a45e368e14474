"""Exposures and events reach the origin once each, whoever dies on the way."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.tree.processes import Process, Tree, a_tree
from tests.tree.test_evaluations import ask, eventually

SHOP = "/api/v1/projects/shop/environments/production"
FLAG = f"{SHOP}/flags/new-checkout"


def api(tree: Tree, method: str, path: str, **more: Any) -> dict[str, Any]:
    """Return what the origin answers."""
    headers = {"Authorization": f"Bearer {tree.keys['adminToken']}"}
    answer = httpx2.request(method, tree.url + path, headers=headers, **more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def exposed(tree: Tree) -> int:
    """Return how many units the origin knows to have been served the flag."""
    return sum(one["units"] for one in api(tree, "GET", f"{FLAG}/exposures")["variations"])


def purchases(tree: Tree) -> int:
    """Return how many purchases the origin knows of."""
    query = {"name": "purchase", "limit": "200"}
    return len(api(tree, "GET", f"{SHOP}/events", params=query)["items"])


def tell(node: Process, tree: Tree, id: str, *people: str) -> None:
    """Tell a node, as one batch, that people were shown the flag and bought something."""
    events: list[dict[str, Any]] = []
    for person in people:
        unit = {"key": person}
        events.append({"kind": "exposure", "flag": "new-checkout", "variation": "on", "unit": unit})
        events.append({"kind": "custom", "name": "purchase", "value": 1, "unit": unit})
    answer = httpx2.post(
        f"{node.ready['url']}/events/v1",
        json={"id": id, "events": events},
        headers={"Authorization": f"Bearer {tree.keys['serverKey']}"},
        timeout=30.0,
    )
    assert answer.status_code == 202, answer.text
    assert answer.json() == {"taken": len(events), "refused": []}


def told_all(node: Process) -> bool:
    """Return whether nothing waits on a node's disk."""
    return not any((node.folder / "events").glob("*.batch"))


@pytest.mark.timeout(240)
def test_every_event_counts_once(tmp_path: Path) -> None:
    """What was answered with 202 arrives, through kills of edge and origin, and once."""
    with a_tree(tmp_path) as tree:
        origin = tree.start_origin()
        api(tree, "PATCH", FLAG, json={"track": "all"})
        edge = tree.start_edge("ams")
        edge.until_ready()

        # Whom the edge serves it tells of by itself, each once, however often they ask.
        ask(edge, tree, 10)
        ask(edge, tree, 10)
        assert edge.stop() == 0
        assert exposed(tree) == 10

        # Nobody above is there: what the edge is told it keeps, also when it is killed.
        edge = tree.start_edge("ams")
        edge.until_ready()
        origin.kill()
        first, second = str(uuid.uuid4()), str(uuid.uuid4())
        tell(edge, tree, first, "ada", "bob")
        edge.kill()
        edge = tree.start_edge("ams")
        edge.until_ready()
        tell(edge, tree, second, "eve")

        # The origin is back, and clients tell another node again what they told the first.
        origin = tree.start_origin()
        tell(origin, tree, first, "ada", "bob")
        tell(edge, tree, second, "eve")
        eventually(lambda: told_all(edge) and told_all(origin))
        assert (purchases(tree), exposed(tree)) == (3, 13)
