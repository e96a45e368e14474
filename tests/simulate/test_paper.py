"""The paper model is held to what a fleet reads, and its page to the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.simulate import paper
from pennon.simulate.run import simulate
from pennon.simulate.scenario import parse_scenario
from tests.builders.documentation import ROOT

FLAGS = 30
CALM = f"""
title = "a few PoPs, undisturbed"
seconds = 3
changes_per_second = 8
flags = {FLAGS}

[[regions]]
name = "eu"
pops = 4
"""
A_FLAG = 208
"""Bytes of a boolean flag that has no rule, as `changes` creates it."""


class TestStreams:
    """`read_by_follower`."""

    async def test_a_fleet_reads_what_the_paper_says(self, tmp_path: Path) -> None:
        """Within a tenth, the names of environments and flags being of other lengths."""
        result = await simulate(parse_scenario(CALM, "calm.toml"), tmp_path, lambda said: None)
        said = paper.read_by_follower(
            flags=FLAGS, item_bytes=A_FLAG, changes=result.changes, seconds=6
        )

        assert result.changes > 0
        assert result.received / result.pops == pytest.approx(said, rel=0.1)


class TestNeeds:
    """`needs`."""

    def test_the_page_says_what_the_model_says(self) -> None:
        """The table is the function's."""
        assert paper.table(paper.SIZES) in (ROOT / "docs" / "scale.md").read_text("utf-8")

    def test_traffic_grows_with_the_nodes_and_streams_with_the_connectors(self) -> None:
        """That is what a tree is for."""
        few, many = (paper.needs(paper.Load(nodes=nodes, regions=4)) for nodes in (2_000, 20_000))

        assert many.connectors_gb_a_day == pytest.approx(10 * few.connectors_gb_a_day)
        assert (few.origin_connections, many.origin_connections) == (4, 40)

    def test_money_is_the_readers(self) -> None:
        """Free machines and traffic cost nothing."""
        free = paper.Prices(machine_month=0, gigabyte=0)

        assert paper.needs(paper.SIZES[0], free).month == 0
