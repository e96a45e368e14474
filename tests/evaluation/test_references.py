from __future__ import annotations

from pennon.errors import Fault
from pennon.evaluation.validate import (
    missing_prerequisites,
    missing_segments,
    prerequisite_cycle,
    segment_cycle,
)
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_segment,
    a_segment_rule,
    all_of,
    any_of,
    in_segment,
    not_,
    requiring,
)


def paths(faults: list[Fault]) -> list[str]:
    return [fault.path for fault in faults]


class TestReferences:
    def test_a_cycle_of_prerequisites_is_given_in_order(self) -> None:
        """Each requires the next, the last the first; who leads there is not in it."""
        flags = {
            "a": a_flag("a", requires=(requiring("b"),)),
            "b": a_flag("b", requires=(requiring("x"), requiring("c"))),
            "c": a_flag("c", requires=(requiring("b"),)),
            "x": a_flag("x"),
        }

        assert prerequisite_cycle(flags) == ["b", "c"]

    def test_a_diamond_is_no_cycle(self) -> None:
        """Neither is a flag that is missing."""
        flags = {
            "a": a_flag("a", requires=(requiring("b"), requiring("c"))),
            "b": a_flag("b", requires=(requiring("d"),)),
            "c": a_flag("c", requires=(requiring("d"), requiring("gone"))),
            "d": a_flag("d"),
        }

        assert prerequisite_cycle(flags) is None

    def test_a_long_chain_needs_no_stack(self) -> None:
        """Ten thousand flags, each requiring the next, and the last the first."""
        flags = {
            str(index): a_flag(str(index), requires=(requiring(str((index + 1) % 10_000)),))
            for index in range(10_000)
        }

        assert prerequisite_cycle(flags) == [str(index) for index in range(10_000)]

    def test_a_segment_that_uses_itself_is_a_cycle(self) -> None:
        """However deep in its conditions."""
        inside = any_of(a_clause("a", "exists"), not_(all_of(in_segment("s"))))

        assert segment_cycle({"s": a_segment("s", rules=(a_segment_rule(inside),))}) == ["s"]

    def test_a_prerequisite_that_is_missing_has_its_path(self) -> None:
        """A flag, or a variation of one that is there."""
        flag = a_flag(requires=(requiring("g"), requiring("h", "on", "gone")))

        assert paths(missing_prerequisites(flag, {"h": a_flag("h")}, "$.flag")) == [
            "$.flag.requires[0].flag",
            "$.flag.requires[1].is[1]",
        ]

    def test_a_segment_that_is_missing_has_its_path(self) -> None:
        """In a flag and in a segment."""
        flag = a_flag(rules=(a_rule(in_segment("s"), any_of(in_segment("gone"))),))
        segment = a_segment(rules=(a_segment_rule(not_(in_segment("gone"))),))

        assert paths(missing_segments(flag, {"s": segment})) == [
            "$.rules[0].when[1].any[0].segment"
        ]
        assert paths(missing_segments(segment, {})) == ["$.rules[0].when[0].not.segment"]
