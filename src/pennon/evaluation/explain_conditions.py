"""Why conditions hold or do not: each with what it found, up to the one that settled it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from pennon.evaluation import plan
from pennon.evaluation.attributes import ABSENT, read
from pennon.evaluation.entries import Kinds
from pennon.evaluation.explain_groups import Group, GroupPlan
from pennon.evaluation.explain_serve import lacks
from pennon.evaluation.explain_steps import (
    ClauseNode,
    ConditionNode,
    MalformedNode,
    Missing,
    SegmentNode,
)
from pennon.evaluation.explain_values import shown
from pennon.evaluation.faults import Malformed
from pennon.evaluation.operators import scalar_test
from pennon.evaluation.run import Run
from pennon.evaluation.validate_conditions import faults_of_conditions
from pennon.model.flag import Condition


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom conditions are asked about; `contains` says whether a segment, by key, has them."""

    kinds: Kinds
    run: Run | None
    contains: Callable[[str, Kinds, Run | None], bool]


def explain_all(
    parts: tuple[plan.Condition, ...], conditions: tuple[Condition, ...], asked: Asked
) -> tuple[ConditionNode, ...]:
    """Return why *conditions*, whose plans are *parts*, hold: up to the first that does not."""
    outermost = Group(plan.AllOf(parts), parts, conditions)
    inside = [outermost]
    while inside:
        group = inside[-1]
        following = group.following()
        if following is None:
            inside.pop()
            if inside:
                inside[-1].nodes.append(group.node())
            continue
        part, condition = following
        if isinstance(part, GroupPlan):
            inside.append(Group.of(part, condition))
        elif isinstance(part, plan.InSegment):
            group.nodes.append(_segment(part, asked))
        else:
            group.nodes.append(_leaf(part, condition, asked))
    return tuple(outermost.nodes)


def _leaf(
    part: plan.Clause | plan.KindClause | plan.Unresolved,
    condition: Condition,
    asked: Asked,
) -> ConditionNode:
    match part:
        case plan.Clause():
            return _clause(part, condition, asked.kinds)
        case plan.KindClause():
            return _found(condition, part.test(asked.kinds), list(asked.kinds))
        case plan.Unresolved(message):
            return MalformedNode(fault=message)


def _segment(part: plan.InSegment, asked: Asked) -> SegmentNode:
    try:
        inside = asked.contains(part.key, asked.kinds, asked.run)
    except Malformed as fault:
        return SegmentNode(segment=part.key, negate=part.negate, holds=None, fault=str(fault))
    return SegmentNode(segment=part.key, negate=part.negate, holds=inside is not part.negate)


def _clause(part: plan.Clause, clause: Condition, kinds: Kinds) -> ClauseNode:
    found = read(kinds.get(part.kind, ABSENT), part.reference)
    missing = lacks(kinds, part.kind, part.reference)
    return _found(clause, part.test(found), found, missing)


def _found(
    clause: Condition, holds: bool, found: Any, missing: Missing | None = None
) -> ClauseNode:
    faults = faults_of_conditions((clause,), "")
    return ClauseNode(
        clause=clause,
        holds=holds,
        found=shown(found),
        missing=missing,
        matched=_matched(clause, found),
        unfit=None if missing else _unfit(clause, found),
        faults=tuple(f"{fault.path.removeprefix('[0].')}: {fault.message}" for fault in faults),
    )


def _unfit(clause: Condition, found: Any) -> str | None:
    """Return what is wrong with *found* for the operator: it is no better off as its value."""
    if clause.op in ("in", "exists") or isinstance(found, (list, tuple)):
        return None
    op = "contains" if clause.op == "matches" else clause.op
    faults = faults_of_conditions((replace(clause, op=op, values=(found,)),), "")
    return next((fault.message for fault in faults if fault.path == "[0].values[0]"), None)


def _matched(clause: Condition, found: Any) -> tuple[Any, ...]:
    """Return the values that match *found*, or the first element of it that any of them does."""
    if clause.op is None or clause.op == "exists":
        return ()
    test = scalar_test(clause.op, clause.values)
    for element in found if isinstance(found, (list, tuple)) else (found,):
        if test(element):
            each = ((value, scalar_test(clause.op, (value,))) for value in clause.values)
            return tuple(value for value, matches in each if matches(element))
    return ()
