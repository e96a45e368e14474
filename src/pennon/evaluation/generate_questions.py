"""
Turns what is too large for one function into questions, none of which is.

Groups are taken apart from the last condition to the first: where to go on is known by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Final, TypeVar

from pennon.evaluation.entries import Contains
from pennon.evaluation.generate_conditions import expression, hold_first
from pennon.evaluation.interpret import in_share
from pennon.evaluation.plan import (
    AllOf,
    AnyOf,
    Condition,
    Not,
    Outcome,
    Rule,
    SegmentRule,
    Share,
    Unresolved,
)
from pennon.evaluation.plan_conditions import inside
from pennon.evaluation.source import Source
from pennon.evaluation.walk import Place, Question

End = TypeVar("End")

MAX_SIZE: Final = 800
"""How many values a function may use, or nearly; a larger one takes long to make."""


def weight(conditions: Iterable[Condition], limit: int) -> int:
    """Return how many values *conditions* use at least; what is over *limit* is not counted."""
    return sum(1 for _ in islice(inside(conditions), limit + 1))


def questions_of_rules(rules: Iterable[Rule], default: Outcome, limit: int) -> Place[Outcome]:
    """Return where to begin with the *rules* of a flag, the last of which leads to *default*."""
    ask = partial(_questions, limit=limit)
    place: Place[Outcome] = default
    for rule in reversed([*rules]):
        place = ask(AllOf(rule.when), rule.outcome, place)
    return place


def questions_of_segment_rules(rules: Iterable[SegmentRule], limit: int) -> Place[bool]:
    """Return where to begin with the *rules* of a segment: any of them leads to True."""
    ask = partial(_questions, limit=limit, in_segment=True)
    place: Place[bool] = False
    for rule in reversed([*rules]):
        then = True if rule.share is None else Question(partial(_share, rule.share), True, place)
        place = ask(AllOf(rule.when), then, place)
    return place


def _questions(
    condition: Condition,
    then: Place[End],
    otherwise: Place[End],
    *,
    limit: int,
    in_segment: bool = False,
) -> Place[End]:
    """Return where to begin with *condition*, which leads to *then* where it holds."""
    ask = partial(_questions, limit=limit, in_segment=in_segment)
    match condition:
        case _ if weight([condition], limit) <= limit:
            return Question(partial(_generate, condition, in_segment), then, otherwise)
        case AllOf(parts):
            for few in reversed([*_together(parts, limit)]):
                then = ask(few[0] if len(few) == 1 else AllOf(few), then, otherwise)
            return then
        case AnyOf(parts):
            for few in reversed([*_together(parts, limit)]):
                otherwise = ask(few[0] if len(few) == 1 else AnyOf(few), then, otherwise)
            return otherwise
        case Not(part):
            return ask(part, otherwise, then)
    raise AssertionError("one condition is too large")


def _together(parts: tuple[Condition, ...], limit: int) -> Iterator[tuple[Condition, ...]]:
    """Cut *parts* where a function would become too large; a part that is so stands alone."""
    few: list[Condition] = []
    size = 1
    for part in parts:
        more = weight([part], limit)
        if few and size + more > limit:
            yield tuple(few)
            few, size = [], 1
        few.append(part)
        size += more
    yield tuple(few)


def _generate(condition: Condition, in_segment: bool) -> Contains:
    """Return the function that says whether *condition* holds."""
    source = Source(in_segment=in_segment)
    hold_first(source, condition)
    source.line(f"return {expression(source, condition)}")
    holds: Contains = source.bind()
    return holds


def _share(share: Share | Unresolved) -> Contains:
    return lambda kinds, run: in_share(share, kinds)
