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
        receipt = origin.receipt(version, "ams", "fra")
        at_the_top = httpx2.get(
            f"{tree.url}{DATAFILE}", headers={"Authorization": f"Bearer {tree.keys['relayKey']}"}
        )

        assert receipt["complete"]
        assert [pop["pop"] for pop in receipt["pops"]] == ["ams", "fra"]
        assert lower.sync(DATAFILE) == upper.sync(DATAFILE) == at_the_top.content

        # It evaluates nothing, and outlives its parent as an edge does.
        nothing = httpx2.post(f"{lower.url}/ofrep/v1/evaluate/flags/new-checkout", json={})
        assert nothing.status_code == 404
        upper.process.kill()
        assert lower.sync(DATAFILE) == at_the_top.content
        assert lower.process.stop() == 0


@pytest.mark.timeout(120)
def test_resume_through_connectors(tmp_path: Path) -> None:
    """An edge that was away catches up by changes alone, through connectors that know none."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        origin = Origin(tree)
        upper = ready(tree.start_connector("upper"), tree)
        lower = ready(tree.start_connector("lower", parents=[upper.url]), tree)
        edge = ready(tree.start_edge("ams", parents=[lower.url]), tree)
        origin.receipt(origin.switch(True), "ams")
        edge.process.stop()

        # Both connectors lose their disks, and with them all that they knew of the past.
        origin.switch(False)
        version = origin.switch(True)
        for connector in (upper, lower):
            connector.process.stop()
            connector.forget()
        upper = ready(tree.start_connector("upper"), tree)
        lower = ready(tree.start_connector("lower", parents=[upper.url]), tree)
        edge = ready(tree.start_edge("ams", parents=[lower.url]), tree)
        receipt = origin.receipt(version, "ams")

        assert receipt["complete"], receipt["missing"]
        assert edge.is_on()
        assert edge.full_syncs() == 0


@pytest.mark.timeout(120)
def test_a_connector_is_killed(tmp_path: Path) -> None:
    """Its edges go to the other at once, and the receipts of the next change are complete."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        origin = Origin(tree)
        first = ready(tree.start_connector("first"), tree)
        second = ready(tree.start_connector("second"), tree)
        both = [first.url, second.url]
        edges = [ready(tree.start_edge(pop, parents=both), tree) for pop in ("ams", "fra")]
        origin.receipt(origin.switch(True), "ams", "fra")
        before = [edge.full_syncs() for edge in edges]

        first.process.kill()
        receipt = origin.receipt(origin.switch(False), "ams", "fra")

        assert receipt["complete"], receipt["missing"]
        assert [pop["pop"] for pop in receipt["pops"]] == ["ams", "fra"]
        assert not any(edge.is_on() for edge in edges)
        assert [edge.full_syncs() for edge in edges] == before


@pytest.mark.timeout(120)
def test_a_connector_is_drained(tmp_path: Path) -> None:
    """One that is told to stop says goodbye; its edges lose nothing on their way to the other."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        origin = Origin(tree)
        first = ready(tree.start_connector("first"), tree)
        second = ready(tree.start_connector("second"), tree)
        edge = ready(tree.start_edge("ams", parents=[first.url, second.url]), tree)
        before = edge.full_syncs()

        versions = [origin.switch(on) for on in (True, False, True)]
        assert first.process.stop() == 0
        versions += [origin.switch(on) for on in (False, True)]
        receipts = [origin.receipt(version, "ams") for version in versions]

        assert all(receipt["complete"] for receipt in receipts)
        assert edge.is_on()
        assert edge.full_syncs() == before
        assert edge.metric('pennon_messages_total{type="change",verdict="gap"}') == 0
        assert "goodbye" in edge.process.log()


@pytest.mark.timeout(120)
def test_fail_over_and_back(tmp_path: Path) -> None:
    """An edge falls back to its second parent when the first is lost, and returns to it later."""
    with a_tree(tmp_path) as tree:
        tree.start_origin()
        origin = Origin(tree)
        first = ready(tree.start_connector("first"), tree)
        second = ready(tree.start_connector("second"), tree)
        options = ("--return-seconds", "1")
        both = [first.url, second.url]
        edge = ready(tree.start_edge("ams", *options, parents=both), tree)
        before = edge.full_syncs()
        assert edge.metric(f'pennon_parent{{parent="{first.url}"}}') == 1

        first.process.kill()
        origin.switch(True)
        eventually(edge.is_on)
        assert edge.metric(f'pennon_parent{{parent="{second.url}"}}') == 1

        ready(tree.start_connector("first", port=first.port), tree)
        eventually(lambda: edge.metric(f'pennon_parent{{parent="{first.url}"}}') == 1)
        origin.switch(False)
        eventually(lambda: not edge.is_on())

        assert edge.full_syncs() == before
        assert edge.metric("pennon_parent_changes_total") == 2
