"""
The rules of evaluation as the specification tells them: the file to open first.

`serve` answers for a flag, `contains` for a segment, `holds` for one condition. They take a plan
(the names of a flag resolved), the kinds of a context, and the `Run` of this evaluation, if one
was needed so far. Generated functions answer faster and must answer the same: these are what they
are tested against, and where they turn for what is rare.
"""

from __future__ import annotations

from typing import Any

from pennon.evaluation.attributes import ABSENT, read
from pennon.evaluation.bucketing import choose, digest
from pennon.evaluation.entries import Kinds
from pennon.evaluation.faults import Malformed, NeedsRun
from pennon.evaluation.plan import (
    AllOf,
    AnyOf,
    Clause,
    Condition,
    FlagPlan,
    InSegment,
    Keys,
    KindClause,
    Not,
    Outcome,
    SegmentPlan,
    Share,
    Split,
    Unresolved,
)
from pennon.evaluation.run import Run
from pennon.model.detail import Detail
from pennon.model.members import Membership


def serve(flag: FlagPlan, kinds: Kinds, run: Run | None = None) -> Detail:
    """Return what *flag* serves. Raises Malformed at a part that cannot be resolved."""
    if not flag.enabled:
        return flag.off
    if flag.requires:
        run = run or Run(kinds, flag.key)
        for requirement in flag.requires:
            if not run.holds(requirement):
                return requirement.failed
    for target in flag.targets:
        if lists(target.members, kinds):
            return target.served
    for rule in flag.rules:
        if all(holds(condition, kinds, run) for condition in rule.when):
            return outcome(rule.outcome, kinds)
    return outcome(flag.default, kinds)


def outcome(chosen: Outcome, kinds: Kinds) -> Detail:
    """Return the answer itself, or the one that a split gives the context."""
    return split(chosen, kinds) if isinstance(chosen, Split) else chosen


def split(chosen: Split, kinds: Kinds) -> Detail:
    """Return the entry of a split that the context falls in."""
    attributes = kinds.get(chosen.kind)
    if attributes is None:
        return chosen.without_kind
    value = read(attributes, chosen.reference)
    if chosen.without_key is not None and len(kinds) == 1 and not is_key(value):
        return chosen.without_key
    return chosen.served[choose(chosen.bounds, digest(chosen.prefix, value))]


def holds(condition: Condition, kinds: Kinds, run: Run | None) -> bool:
    """Return whether *condition* holds. Raises Malformed where it cannot be resolved."""
    match condition:
        case Clause():
            return condition.test(read(kinds.get(condition.kind, ABSENT), condition.reference))
        case KindClause():
            return condition.test(kinds)
        case InSegment(key, segments, negate):
            entry = segments[key] if run is None else run.reach(segments[key])
            return entry.contains(kinds, run) is not negate
        case AnyOf(parts):
            return any(holds(part, kinds, run) for part in parts)
        case AllOf(parts):
            return all(holds(part, kinds, run) for part in parts)
        case Not(part):
            return not holds(part, kinds, run)
        case Unresolved(message):
            raise Malformed(message)


def contains(segment: SegmentPlan, kinds: Kinds, run: Run | None = None) -> bool:
    """Return whether *segment* contains the context."""
    if segment.external is not None:
        member = external_member(segment.key, segment.external, kinds, run)
        if member is not None:
            return member
    if any(lists(keys, kinds) for keys in segment.include):
        return True
    if any(lists(keys, kinds) for keys in segment.exclude):
        return False
    return any(
        all(holds(condition, kinds, run) for condition in rule.when)
        and (rule.share is None or in_share(rule.share, kinds))
        for rule in segment.rules
    )


def external_member(segment: str, kind: str, kinds: Kinds, run: Run | None) -> bool | None:
    """Return what is known of an external segment's member; None leaves it to the rules."""
    key = kinds.get(kind, ABSENT).get("key")
    if not isinstance(key, str) or not key:
        return False
    if run is None:
        raise NeedsRun
    known = run.membership(segment, key)
    return None if known is Membership.UNLISTED else known is Membership.IN


def in_share(share: Share | Unresolved, kinds: Kinds) -> bool:
    """Return whether the context falls in a share; without the kind it does not."""
    if isinstance(share, Unresolved):
        raise Malformed(share.message)
    attributes = kinds.get(share.kind)
    if attributes is None:
        return False
    return digest(share.prefix, read(attributes, share.reference)) < share.bound


def lists(members: Keys, kinds: Kinds) -> bool:
    """Return whether the context's key of that kind is listed."""
    key = kinds.get(members.kind, ABSENT).get("key")
    return isinstance(key, str) and key in members.keys


def is_key(value: Any) -> bool:
    """Return whether *value* can be a context's key: a string that is not empty."""
    return isinstance(value, str) and value != ""
