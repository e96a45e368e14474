"""What a change to a segment or its membership did, in sentences for the audit log. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pennon.model.segment import External, Members, SegmentRule
from pennon.origin.segments.parts import encode
from pennon.origin.segments.schemas import Membership, SegmentDefinition
from pennon.origin.words import changed_keys, changed_tags, described, reordered


def told(before: Membership, after: Membership) -> tuple[str, ...]:
    """Return a sentence for each thing that is different, none where nothing is."""
    return (
        *_members(before.include, after.include, "the included"),
        *_members(before.exclude, after.exclude, "the excluded"),
        *_rules(before.rules, after.rules),
        *_external(before.external, after.external),
    )


def told_of_definition(before: SegmentDefinition, after: SegmentDefinition) -> tuple[str, ...]:
    """Return a sentence for each thing that is different in what is said of a segment."""
    return (*described(before, after), *changed_tags(before.tags, after.tags))


def _members(before: Iterable[Members], after: Iterable[Members], where: str) -> Iterator[str]:
    old, new = _keys(before), _keys(after)
    for kind in dict.fromkeys([*old, *new]):
        yield from changed_keys(old.get(kind, frozenset()), new.get(kind, frozenset()), kind, where)


def _external(before: External | None, after: External | None) -> Iterator[str]:
    if after is None and before is not None:
        yield "keeps its members here again"
    elif after is not None and after != before:
        yield f"keeps its members of the kind {after.kind} outside"


def _keys(members: Iterable[Members]) -> dict[str, set[str]]:
    keys: dict[str, set[str]] = defaultdict(set)
    for one in members:
        keys[one.kind].update(one.keys)
    return dict(keys)


def _rules(before: Iterable[SegmentRule], after: Iterable[SegmentRule]) -> Iterator[str]:
    old = {rule.id: rule for rule in before}
    new = {rule.id: rule for rule in after}
    yield from (f"removed the rule {id}" for id in old if id not in new)
    for id, rule in new.items():
        if id not in old:
            yield f"added the rule {id}"
        elif encode(old[id]) != encode(rule):
            yield f"changed the rule {id}"
    if reordered(old, new):
        yield "reordered the rules"
