"""One segment of ours in their model, with the segments that had to be made for it."""

from __future__ import annotations

from collections.abc import Iterable

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.export_clauses import kind_is
from pennon.compat.launchdarkly.export_conditions import ConditionExporter
from pennon.compat.launchdarkly.export_serve import bucket_by, checked_weight
from pennon.compat.launchdarkly.names import DEFAULT_KIND, checked_kind
from pennon.errors import Refused
from pennon.model.segment import Members, Segment, SegmentRule


def export_segment(segment: Segment) -> tuple[theirs.Segment, ...]:
    """Return *segment* in their model, and after it those made for it. Raises Refused."""
    if ":" in segment.key:
        raise Refused.at("$.key", "a key with a colon is kept for the segments made here")
    if segment.external is not None:
        raise Refused.at("$.external", "SDKs read such members from a store of their own")
    conditions = ConditionExporter(f"segment:{segment.key}", segment.version)
    included = _by_kind(segment.include, "$.include")
    excluded = _by_kind(segment.exclude, "$.exclude")
    exported = theirs.Segment(
        key=segment.key,
        version=segment.version,
        included=included.pop(DEFAULT_KIND, ()),
        excluded=excluded.pop(DEFAULT_KIND, ()),
        included_contexts=_members(included),
        excluded_contexts=_members(excluded),
        rules=tuple(
            _rule(rule, conditions, f"$.rules[{i}]") for i, rule in enumerate(segment.rules)
        ),
        salt=segment.salt,
    )
    return exported, *conditions.made


def _rule(rule: SegmentRule, conditions: ConditionExporter, path: str) -> theirs.SegmentRule:
    clauses = conditions.clauses(rule.when, f"{path}.when")
    if rule.weight is None:
        return theirs.SegmentRule(id=rule.id, clauses=clauses)
    kind = checked_kind(rule.kind, f"{path}.kind")
    return theirs.SegmentRule(
        id=rule.id,
        # Some SDKs let in who lacks the kind, whatever the weight: this clause stops them.
        clauses=(*clauses, kind_is(kind)),
        weight=checked_weight(rule.weight, f"{path}.weight"),
        bucket_by=bucket_by(rule.by, f"{path}.by"),
        rollout_context_kind=kind,
    )


def _by_kind(lists: Iterable[Members], path: str) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for i, members in enumerate(lists):
        kind = checked_kind(members.kind, f"{path}[{i}].kind")
        keys[kind] = keys.get(kind, ()) + members.keys
    return keys


def _members(keys: dict[str, tuple[str, ...]]) -> tuple[theirs.Members, ...]:
    return tuple(theirs.Members(context_kind=kind, values=values) for kind, values in keys.items())
