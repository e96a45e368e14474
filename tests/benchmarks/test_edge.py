"""The benchmark of the edge runs, and measures right answers only."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("It counts CPU and pins processes as Linux does.", allow_module_level=True)

from benchmarks.edge.__main__ import main
from benchmarks.edge.cases import ASKED, CONTEXT, shapes, shop
from benchmarks.edge.pace import pace
from benchmarks.edge.pennon import edge
from benchmarks.edge.servers import Ask
from benchmarks.edge.table import Bar
from pennon.edge.rulesets import Rulesets
from pennon.evaluation.evaluate import evaluate_all
from pennon.model.context import Context
from pennon.relay.replicas import Replicas


class TestCases:
    def test_what_is_asked(self) -> None:
        """The flag that is asked for is served by its last rule, and the others by all means."""
        replicas = Replicas()
        rulesets = Rulesets(replicas)
        replicas.open("shop/production").replace(shop(100))
        ruleset = rulesets.get("shop/production")
        assert ruleset is not None
        details = {each.flag: each for each in evaluate_all(ruleset, Context.of(CONTEXT))}

        assert (details[ASKED].rule_index, details[ASKED].value) == (14, True)
        assert {each.reason for each in details.values()} == {"OFF", "RULE_MATCH", "FALLTHROUGH"}
        assert len(details) == len(shapes(100)) == 100


class TestBars:
    @pytest.mark.parametrize(
        ("figure", "side", "holds"),
        [
            (5.0, "at most", True),
            (5.1, "at most", False),
            (5.0, "at least", True),
            (4.9, "at least", False),
        ],
    )
    def test_sides(self, figure: float, side: str, holds: bool) -> None:
        """A bar is held from its own side, itself included."""
        assert Bar("it", figure, "ms", side, 5.0).holds is holds  # type: ignore[arg-type]


class TestEdgeBenchmark:
    def test_every_request_is_counted(self, tmp_path: Path) -> None:
        """An open loop asks as often as it was to, and takes no answer for another."""
        with edge(tmp_path, flags=5) as server:
            paced = pace(server.port, server.asks["single"], rate=200, seconds=0.5)
            wrong = Ask(path="/nowhere", headers={}, body=b"")
            with pytest.raises(SystemExit):
                pace(server.port, wrong, rate=200, seconds=0.1)

        assert 50 < paced.sent < 200
        assert 0 < paced.p50 <= paced.p99

    def test_it_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Its parts print their figures beside the bars; no time is asserted."""
        main(["--quick"])
        printed = capsys.readouterr().out

        for told in (
            "300 times a second",
            "L3, JetStream",
            "L4, a connector",
            "first request once",
        ):
            assert told in printed
