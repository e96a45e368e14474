"""Connectors as real processes: an origin, connectors below it, edges below those."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tests.tree.asking import Origin, eventually, ready
from tests.tree.processes import a_tree

DATAFILE = "/sync/v1/datafile?environment=shop/production"


@pytest.mark.timeout(120)
def test_two_levels_of_connectors(tmp_path: Path) -> None:
    """A change passes two connectors, byte for byte, and the receipt names every PoP."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        origin = Origin(tree)
        upper = ready(tree.start_connector("upper"), tree)
        lower = ready(tree.start_connector("lower", parents=[upper.url]), tree)
        edges = [ready(tree.start_edge(pop, parents=[lower.url]), tree) for pop in ("ams", "fra")]

        version = origin.switch(True)
        eventually(lambda: all(edge.is_on() for edge in edges))
        receipt = origin.receipt(version)
        at_the_top = httpx2.get(
            f"{tree.url}{DATAFILE}", headers={"Authorization": f"Bearer {tree.keys['relayKey']}"}
        )

        assert receipt["complete"]
        assert [pop["pop"] for pop in receipt["pops"]] == ["ams", "fra", "lower", "upper"]
        assert lower.sync(DATAFILE) == upper.sync(DATAFILE) == at_the_top.content

        # It evaluates nothing, and outlives its parent as an edge does.
        nothing = httpx2.post(f"{lower.url}/ofrep/v1/evaluate/flags/new-checkout", json={})
        assert nothing.status_code == 404
        upper.process.kill()
        assert lower.sync(DATAFILE) == at_the_top.content
        assert lower.process.stop() == 0
