"""
One change, every edge: real processes on loopback, asked by a client that we did not write.

The test tells one story in order, because the point is what holds across its turns.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

from tests.tree.asking import eventually
from tests.tree.processes import Process, Tree, a_tree

POPS = ("ams", "fra", "sin")


class Edge:
    """An edge process, asked through the OpenFeature OFREP provider."""

    def __init__(self, process: Process, keys: dict[str, Any]) -> None:
        self.process = process
        self._relay_key = keys["relayKey"]
        key = keys["serverKey"]
        self._provider = OFREPProvider(
            process.ready["url"], headers_factory=lambda: {"Authorization": f"Bearer {key}"}
        )

    def new_checkout(self) -> bool:
        """Evaluate the sample's `new-checkout`."""
        context = EvaluationContext("ada", {"plan": "pro"})
        details = self._provider.resolve_boolean_details("new-checkout", False, context)
        return details.value

    def full_syncs(self) -> int:
        """Return how many snapshots this process has taken from its parent."""
        answer = httpx2.get(
            f"{self.process.ready['url']}/metrics",
            headers={"Authorization": f"Bearer {self._relay_key}"},
        )
        assert "pennon_environment_version" in answer.text
        return sum(
            int(float(line.rpartition(" ")[2]))
            for line in answer.text.splitlines()
            if line.startswith('pennon_messages_total{type="snapshot",verdict="applied"}')
        )

    def close(self) -> None:
        self._provider.session.close()


class Origin:
    """The management API of the tree's origin."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def patch(self, flag: str, change: dict[str, Any]) -> dict[str, Any]:
        """Apply a merge patch to a flag in production and return its new view."""
        answer = httpx2.patch(
            f"{self._tree.url}/api/v1/projects/shop/environments/production/flags/{flag}",
            json=change,
            headers={"Authorization": f"Bearer {self._tree.keys['adminToken']}"},
        )
        assert answer.status_code == 200, answer.text
        view: dict[str, Any] = answer.json()
        return view

    def propagation(self, version: int, wait: float) -> dict[str, Any]:
        """Return the receipt of a version of production, waited for."""
        answer = httpx2.get(
            f"{self._tree.url}/api/v1/projects/shop/environments/production"
            f"/versions/{version}/propagation?wait={wait}",
            headers={"Authorization": f"Bearer {self._tree.keys['adminToken']}"},
            timeout=wait + 5,
        )
        receipt: dict[str, Any] = answer.json()
        return receipt


@pytest.mark.timeout(180)
def test_one_change_every_edge(tmp_path: Path) -> None:
    """A flip reaches three edges; they outlive the origin, restart from disk and catch up."""
    with a_tree(tmp_path) as tree:
        first = tree.start_origin()
        origin = Origin(tree)
        processes = [tree.start_edge(pop) for pop in POPS]
        for process in processes:
            process.until_ready()
        edges = [Edge(process, tree.keys) for process in processes]
        assert [edge.new_checkout() for edge in edges] == [False, False, False]

        # The flip is seen by all, and the origin knows that it is.
        changed = origin.patch("new-checkout", {"enabled": True})
        eventually(lambda: all(edge.new_checkout() for edge in edges))
        receipt = origin.propagation(changed["version"], wait=10)
        assert receipt["complete"]
        assert [pop["pop"] for pop in receipt["pops"]] == sorted(POPS)

        # The origin dies; the edges go on, and one of them restarts from its disk.
        first.kill()
        assert all(edge.new_checkout() for edge in edges)
        edges[0].process.stop()
        again = tree.start_edge(POPS[0])
        again.until_ready()
        edges[0].close()
        edges[0] = Edge(again, tree.keys)
        assert edges[0].new_checkout()
        assert edges[0].full_syncs() == 0

        # The origin comes back with a change; deltas alone bring everyone there.
        before = [edge.full_syncs() for edge in edges]
        tree.start_origin()
        origin.patch("new-checkout", {"enabled": False})
        eventually(lambda: not any(edge.new_checkout() for edge in edges))
        assert [edge.full_syncs() for edge in edges] == before

        for edge in edges:
            edge.close()
            assert edge.process.stop() == 0
