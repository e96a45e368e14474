"""Resolves a segment."""

from __future__ import annotations

from pennon.evaluation import plan
from pennon.evaluation.attributes import parse_reference
from pennon.evaluation.bucketing import prefix_of, threshold
from pennon.evaluation.entries import Tables
from pennon.evaluation.plan_conditions import inside, plan_conditions
from pennon.model.segment import Members, Segment, SegmentRule


def plan_segment(segment: Segment, tables: Tables) -> plan.SegmentPlan:
    """Resolve *segment*, which finds others in *tables*."""
    return plan.SegmentPlan(
        key=segment.key,
        external=segment.external.kind if segment.external is not None else None,
        include=_plan_members(segment.include),
        exclude=_plan_members(segment.exclude),
        rules=tuple(
            plan.SegmentRule(plan_conditions(rule.when, tables), _plan_share(rule, segment))
            for rule in segment.rules
        ),
    )


def _plan_members(members: tuple[Members, ...]) -> tuple[plan.Keys, ...]:
    """Merge the lists of each kind: within include, and within exclude, order says nothing."""
    merged: dict[str, set[str]] = {}
    for entry in members:
        merged.setdefault(entry.kind, set()).update(entry.keys)
    return tuple(plan.Keys(kind, frozenset(keys)) for kind, keys in merged.items())


def _plan_share(rule: SegmentRule, segment: Segment) -> plan.Share | plan.Unresolved | None:
    if rule.weight is None:
        return None
    reference = parse_reference(rule.by)
    if reference is None:
        return plan.Unresolved(f"a weight by the attribute {rule.by!r}")
    prefix = prefix_of(segment.key, segment.salt)
    return plan.Share(rule.kind, reference, prefix, threshold(rule.weight))


def uses_segments(segment: plan.SegmentPlan) -> bool:
    """Return whether a condition of *segment* names a segment."""
    return any(
        isinstance(condition, plan.InSegment)
        for rule in segment.rules
        for condition in inside(rule.when)
    )
