"""Environments as deep as they may be: every chain and every group at its limit, all at once."""

from __future__ import annotations

from typing import Final

from pennon.model.flag import Condition, Flag
from pennon.model.segment import Segment
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_segment,
    a_segment_rule,
    all_of,
    any_of,
    in_segment,
    requiring,
)

LIMIT: Final = 32


def a_deepest_environment(
    *, rules: int = 0, clauses: int = 0, last: Condition | None = None
) -> list[Flag | Segment]:
    """
    Return 32 prerequisites of the flag `f0`, the last of which asks for 32 segments.

    Each of them has *rules* that match nobody and then one that matches everybody, whose
    conditions nest 32 deep and have *clauses* in each of their groups, all of them asked. *last*
    is the last condition of all.
    """
    everybody = a_clause("key", "exists")
    flags = [
        a_flag(
            f"f{index}",
            requires=(requiring(f"f{index + 1}"),) if index < LIMIT else (),
            rules=(
                *(a_rule(nobody(place), id=str(place)) for place in range(rules)),
                a_rule(nested(everybody if index < LIMIT else in_segment("s1"), clauses), id="on"),
            ),
        )
        for index in range(LIMIT + 1)
    ]
    segments = [
        a_segment(
            f"s{index}",
            rules=(
                *(a_segment_rule(nobody(place), id=str(place)) for place in range(rules)),
                a_segment_rule(
                    nested(
                        in_segment(f"s{index + 1}") if index < LIMIT else last or everybody, clauses
                    ),
                    id="on",
                ),
            ),
        )
        for index in range(1, LIMIT + 1)
    ]
    return [*flags, *segments]


def nested(condition: Condition, clauses: int = 0) -> Condition:
    """Return *condition* at the greatest depth, with *clauses* before it in each group."""
    for depth in reversed(range(1, LIMIT)):
        if depth % 2:
            condition = any_of(*map(nobody, range(clauses)), condition)
        else:
            condition = all_of(*(a_clause("key", "exists") for _ in range(clauses)), condition)
    return condition


def nobody(index: int) -> Condition:
    """Return a clause, one of many, that nobody matches."""
    return a_clause(f"unset-{index}", "in", "a", "b")
