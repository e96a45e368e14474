"""
Trees of conditions in a model that knows only clauses, ANDed: what it lacks becomes segments.

A segment is in when any of its rules matches, so an `any` is a segment of one rule for each
branch; a `not` is a negated `segmentMatch`. Such made segments are named after the item that
they stand for with a colon, which no key of ours holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import structs

from pennon.compat.launchdarkly.export_clauses import (
    NEVER,
    export_clause,
    is_total,
    segment_match,
)
from pennon.compat.launchdarkly.model import Clause, Segment, SegmentRule
from pennon.errors import Refused
from pennon.evaluation.plan_conditions import MAX_NESTING
from pennon.model.flag import Condition


class ConditionExporter:
    """Converts the conditions of one item; `made` are the segments that they needed."""

    def __init__(self, owner: str, version: int) -> None:
        self.made: list[Segment] = []
        self._owner = owner
        self._version = version

    def clauses(
        self, conditions: Iterable[Condition], path: str, depth: int = 1
    ) -> tuple[Clause, ...]:
        """Return clauses that all match when all *conditions* hold. Raises Refused."""
        found: list[Clause] = []
        for i, condition in enumerate(conditions):
            found.extend(self._condition(condition, f"{path}[{i}]", depth))
        return tuple(found)

    def _condition(self, condition: Condition, path: str, depth: int) -> tuple[Clause, ...]:
        if depth > MAX_NESTING:
            # Malformed to us, but not to them.
            raise Refused.at(path, f"conditions nest deeper than {MAX_NESTING}")
        _check_form(condition, path)
        if condition.segment is not None:
            return (segment_match(condition.segment, condition.negate),)
        if condition.all_ is not None:
            return self.clauses(condition.all_, f"{path}.all", depth + 1)
        if condition.any_ is not None:
            branches = enumerate(condition.any_)
            return self._any(
                [self._condition(part, f"{path}.any[{i}]", depth + 1) for i, part in branches]
            )
        if condition.not_ is not None:
            return self._not(self._condition(condition.not_, f"{path}.not", depth + 1))
        clauses = export_clause(condition, path)
        return clauses if condition.negate else self._any([(clause,) for clause in clauses])

    def _any(self, branches: Sequence[tuple[Clause, ...]]) -> tuple[Clause, ...]:
        if not branches:
            return (NEVER,)
        if len(branches) == 1:
            return branches[0]
        return (segment_match(self._make(branches)),)

    def _not(self, clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        if not clauses:
            return (NEVER,)
        if len(clauses) == 1 and is_total(clauses[0]):
            return (structs.replace(clauses[0], negate=not clauses[0].negate),)
        return (segment_match(self._make([clauses]), negate=True),)

    def _make(self, branches: Sequence[tuple[Clause, ...]]) -> str:
        key = f"{self._owner}:{len(self.made) + 1}"
        rules = tuple(
            SegmentRule(id=str(i), clauses=clauses) for i, clauses in enumerate(branches, 1)
        )
        self.made.append(Segment(key=key, version=self._version, rules=rules))
        return key


def _check_form(condition: Condition, path: str) -> None:
    is_clause = condition.attribute is not None and condition.op is not None
    is_half = not is_clause and (condition.attribute is not None or condition.op is not None)
    others = (condition.segment, condition.any_, condition.all_, condition.not_)
    if is_half or is_clause + sum(form is not None for form in others) != 1:
        raise Refused.at(
            path, "expected exactly one of attribute and op, segment, any, all and not"
        )
