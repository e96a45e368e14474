"""Flags, segments and contexts for tests: give what the test is about, the rest is ordinary."""

from __future__ import annotations

from typing import Any

import msgspec

from pennon.evaluation.ruleset import Ruleset
from pennon.model.context import Context
from pennon.model.flag import (
    Condition,
    Flag,
    Prerequisite,
    Rule,
    Serve,
    Target,
    Variation,
    WeightedVariation,
)
from pennon.model.segment import Members, Segment, SegmentRule

ON_OFF = (Variation(name="on", value=True), Variation(name="off", value=False))


def a_flag(key: str = "f", **changes: Any) -> Flag:
    """Return an enabled boolean flag, `on` and `off`, whose default is `off`."""
    ordinary: dict[str, Any] = {
        "type": "boolean",
        "version": 1,
        "enabled": True,
        "variations": ON_OFF,
        "off": "off",
        "default": serving("off"),
        "salt": "salt",
    }
    return Flag(key=key, **{**ordinary, **changes})


def a_segment(key: str = "s", **changes: Any) -> Segment:
    """Return a segment of nobody."""
    return Segment(key=key, **{"version": 1, "salt": "salt", **changes})


def a_rule(*when: Condition, id: str = "r", serve: Serve | str = "on") -> Rule:
    """Return a rule that serves *serve*, `on` when nothing else is said, where *when* holds."""
    return Rule(id=id, when=when, serve=serving(serve) if isinstance(serve, str) else serve)


def a_segment_rule(*when: Condition, id: str = "r", **changes: Any) -> SegmentRule:
    """Return a rule of a segment."""
    return SegmentRule(id=id, when=when, **changes)


def a_clause(attribute: str = "key", op: str = "in", *values: Any, **changes: Any) -> Condition:
    """Return a clause."""
    return Condition(attribute=attribute, op=op, values=values, **changes)


def in_segment(key: str = "s", *, negate: bool = False) -> Condition:
    """Return the condition of being in a segment."""
    return Condition(segment=key, negate=negate)


def any_of(*conditions: Condition) -> Condition:
    """Return the condition that one of *conditions* holds."""
    return Condition(any_=conditions)


def all_of(*conditions: Condition) -> Condition:
    """Return the condition that all of *conditions* hold."""
    return Condition(all_=conditions)


def not_(condition: Condition) -> Condition:
    """Return the condition that *condition* does not hold."""
    return Condition(not_=condition)


def serving(variation: str) -> Serve:
    """Return the outcome of one variation."""
    return Serve(variation=variation)


def splitting(*entries: tuple[str, int], **changes: Any) -> Serve:
    """Return the outcome of a split: names of variations with their weights."""
    split = tuple(WeightedVariation(variation=name, weight=weight) for name, weight in entries)
    return Serve(split=split, **changes)


def a_target(variation: str, *keys: str, kind: str = "user") -> Target:
    """Return a target."""
    return Target(variation=variation, kind=kind, keys=keys)


def requiring(flag: str, *names: str) -> Prerequisite:
    """Return a prerequisite that *flag* serves one of *names*, `on` when none is given."""
    return Prerequisite(flag=flag, is_=names or ("on",))


def members(*keys: str, kind: str = "user") -> Members:
    """Return context keys of one kind."""
    return Members(kind=kind, keys=keys)


def a_context(key: str | None = "ada", kind: str = "user", **attributes: Any) -> Context:
    """Return a context of one kind; without a key when *key* is None."""
    named = {} if key is None else {"key": key}
    return Context({kind: {**named, **attributes}})


def a_ruleset(*items: Flag | Segment, version: int = 1) -> Ruleset:
    """Return the ruleset that holds *items*."""
    return Ruleset.of(
        version,
        {item.key: item for item in items if isinstance(item, Flag)},
        {item.key: item for item in items if isinstance(item, Segment)},
    )


def as_bytes(item: Flag | Segment) -> bytes:
    """Return an item as it travels."""
    return msgspec.json.encode(item)
