"""One segment of theirs in our model."""

from __future__ import annotations

from collections.abc import Iterable

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.import_clauses import import_clauses
from pennon.compat.launchdarkly.names import DEFAULT_KIND, bucketed_by
from pennon.errors import Refused
from pennon.model.flag import TOTAL_WEIGHT
from pennon.model.segment import Members, Segment, SegmentRule


def import_segment(segment: theirs.Segment) -> Segment:
    """Return *segment* in our model. Raises Refused when its members are not in it."""
    if segment.unbounded:
        raise Refused.at("$.unbounded", "its members are in a store that only its SDKs read")
    return Segment(
        key=segment.key,
        version=segment.version,
        salt=segment.salt,
        include=_members(segment.included, segment.included_contexts),
        exclude=_members(segment.excluded, segment.excluded_contexts),
        rules=tuple(_rule(rule, i) for i, rule in enumerate(segment.rules)),
    )


def _members(users: tuple[str, ...], others: Iterable[theirs.Members]) -> tuple[Members, ...]:
    listed = [Members(keys=users)] if users else []
    for members in others:
        kind = theirs.given(members.context_kind) or DEFAULT_KIND
        listed.append(Members(kind=kind, keys=members.values))
    return tuple(listed)


def _rule(rule: theirs.SegmentRule, index: int) -> SegmentRule:
    kind, by = theirs.given(rule.rollout_context_kind), theirs.given(rule.bucket_by)
    weight = theirs.given(rule.weight)
    return SegmentRule(
        id=rule.id or f"rule-{index}",
        when=import_clauses(rule.clauses, f"$.rules[{index}].clauses"),
        weight=None if weight is None else min(max(weight, 0), TOTAL_WEIGHT),
        by="key" if weight is None else bucketed_by(by, kind, f"$.rules[{index}].bucketBy"),
        kind=kind or DEFAULT_KIND,
    )
