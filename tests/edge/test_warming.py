"""Warming: what is compiled before a node is ready."""

from __future__ import annotations

from itertools import count

from pennon.edge.warming import warm
from pennon.evaluation.ruleset import Ruleset
from pennon.model.flag import Flag
from tests.builders.flags import a_flag, serving, splitting

FLAGS: dict[str, bytes | Flag] = {
    "on": a_flag("on", default=serving("on")),
    "keyless": a_flag("keyless", default=splitting(("on", 100_000))),
    "malformed": a_flag("malformed", default=serving("nowhere")),
    "unreadable": b"{",
}


def serves(ruleset: Ruleset) -> dict[str, object]:
    return {key: entry.serve for key, entry in ruleset.flags.items()}


class TestWarm:
    def test_all(self) -> None:
        """Every flag is compiled once, whatever it is; a second time nothing is left to do."""
        ruleset = Ruleset.of(1, FLAGS, {})
        before = serves(ruleset)
        warmed = warm([ruleset], seconds=60)
        after = serves(ruleset)
        warm([ruleset], seconds=60)

        assert warmed == len(FLAGS)
        assert [key for key in FLAGS if before[key] is not after[key]] == [
            "on",
            "keyless",
            "malformed",
        ]
        assert serves(ruleset) == after

    def test_time(self) -> None:
        """It ends when its time is over: a node with very many flags is ready all the same."""
        ticks = count()
        rulesets = [Ruleset.of(1, FLAGS, {}), Ruleset.of(1, FLAGS, {})]

        assert warm(rulesets, seconds=6, clock=lambda: next(ticks)) == 5
