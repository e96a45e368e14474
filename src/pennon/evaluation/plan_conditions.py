"""Resolves conditions: `pennon.model.flag.Condition` in, `pennon.evaluation.plan.Condition` out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pennon.evaluation import plan
from pennon.evaluation.attributes import KIND, parse_reference
from pennon.evaluation.clauses import LateTest, kind_test
from pennon.evaluation.entries import NOBODY, Tables
from pennon.model.flag import Condition

MAX_NESTING: Final = 32
"""How deep conditions may nest; one directly in `when` is at depth 1."""


def plan_conditions(
    conditions: Iterable[Condition], tables: Tables, depth: int = 1
) -> tuple[plan.Condition, ...]:
    """Resolve conditions that stand beside each other, at *depth*."""
    # A list: a generator would take a frame more for each group inside a group.
    return tuple([_plan(condition, tables, depth) for condition in conditions])


def inside(conditions: Iterable[plan.Condition]) -> Iterator[plan.Condition]:
    """Yield *conditions* and every condition inside them, in no order. It needs no stack."""
    waiting = list(conditions)
    while waiting:
        condition = waiting.pop()
        yield condition
        match condition:
            case plan.AnyOf(parts) | plan.AllOf(parts):
                waiting.extend(parts)
            case plan.Not(part):
                waiting.append(part)


def _plan(condition: Condition, tables: Tables, depth: int) -> plan.Condition:
    if depth > MAX_NESTING:
        return plan.Unresolved(f"conditions that nest more than {MAX_NESTING} deep")
    if len(forms_of(condition)) != 1:
        return plan.Unresolved("a condition that has not exactly one form")
    if condition.any_ is not None:
        return plan.AnyOf(plan_conditions(condition.any_, tables, depth + 1))
    if condition.all_ is not None:
        return plan.AllOf(plan_conditions(condition.all_, tables, depth + 1))
    if condition.not_ is not None:
        return plan.Not(_plan(condition.not_, tables, depth + 1))
    if condition.segment is not None:
        # Whoever looks it up finds one: a segment that is named and missing contains nobody.
        tables.segments.setdefault(condition.segment, NOBODY)
        return plan.InSegment(condition.segment, tables.segments, condition.negate)
    return _plan_clause(condition)


def _plan_clause(clause: Condition) -> plan.Condition:
    if clause.attribute is None or clause.op is None:
        return plan.Unresolved("a clause without its attribute or its operator")
    reference = parse_reference(clause.attribute)
    if reference is None:
        return plan.Unresolved(f"the attribute {clause.attribute!r}")
    if reference == KIND:
        return plan.KindClause(kind_test(clause.op, clause.values, clause.negate))
    test = LateTest(clause.op, clause.values, clause.negate)
    return plan.Clause(clause.kind, reference, test, clause.op, clause.values, clause.negate)


def forms_of(condition: Condition) -> list[str]:
    """Return the forms that a condition claims to have; exactly one is right."""
    claims = {
        "a clause": condition.attribute is not None or condition.op is not None,
        "`segment`": condition.segment is not None,
        "`any`": condition.any_ is not None,
        "`all`": condition.all_ is not None,
        "`not`": condition.not_ is not None,
    }
    return [form for form, claimed in claims.items() if claimed]
