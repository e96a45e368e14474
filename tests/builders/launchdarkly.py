"""Flags and segments in the other model, and shortcuts there and back."""

from __future__ import annotations

from typing import Any

from pennon.compat.launchdarkly import export_environment, import_environment
from pennon.compat.launchdarkly.export_environment import Exported
from pennon.model.flag import Condition, Flag
from pennon.model.segment import Segment
from tests.builders.flags import a_flag, a_rule

Json = dict[str, Any]


def their_flag(key: str = "f", **fields: Any) -> Json:
    """Return a flag that is on and serves its second variation, false."""
    ordinary: Json = {
        "version": 1,
        "on": True,
        "variations": [True, False],
        "offVariation": 1,
        "fallthrough": {"variation": 1},
        "salt": "salt",
    }
    return {"key": key, **ordinary, **fields}


def their_rule(*clauses: Json, **fields: Any) -> Json:
    """Return a rule that serves the first variation."""
    return {"id": "r", "clauses": list(clauses), "variation": 0, **fields}


def their_clause(attribute: str, op: str, *values: Any, **fields: Any) -> Json:
    """Return a clause without a kind."""
    return {"attribute": attribute, "op": op, "values": list(values), "negate": False, **fields}


def their_segment(key: str = "s", **fields: Any) -> Json:
    """Return a segment of nobody."""
    return {"key": key, "version": 1, "salt": "salt", **fields}


def exported(*items: Flag | Segment) -> Exported:
    """Export an environment of *items*."""
    return export_environment(
        {item.key: item for item in items if isinstance(item, Flag)},
        {item.key: item for item in items if isinstance(item, Segment)},
    )


def exported_flag(flag: Flag, *others: Flag | Segment) -> Json:
    """Return *flag* in the other model; it must not be refused."""
    made = exported(flag, *others)
    assert not made.refused
    return made.flags[flag.key]


def exported_clauses(*conditions: Condition) -> tuple[list[Json], dict[str, Json]]:
    """Return the clauses that *conditions* become, and the segments made for them."""
    made = exported(a_flag(rules=(a_rule(*conditions),)))
    assert not made.refused
    return made.flags["f"]["rules"][0]["clauses"], made.segments


def refusal(item: Flag | Segment, *others: Flag | Segment) -> str:
    """Return why *item* is refused."""
    kind = "flag" if isinstance(item, Flag) else "segment"
    return str(exported(item, *others).refused[kind, item.key])  # type: ignore[index]


def imported_flag(flag: Json, *others: Json, segments: tuple[Json, ...] = ()) -> Flag:
    """Return *flag* in our model; it must not be refused."""
    made = import_environment(
        {it["key"]: it for it in (flag, *others)}, {it["key"]: it for it in segments}
    )
    assert not made.refused
    return made.flags[flag["key"]]


def imported_segment(segment: Json) -> Segment:
    """Return *segment* in our model; it must not be refused."""
    made = import_environment({}, {segment["key"]: segment})
    assert not made.refused
    return made.segments[segment["key"]]


def import_refusal(flag: Json, *others: Json, segments: tuple[Json, ...] = ()) -> str:
    """Return why *flag* is refused."""
    made = import_environment(
        {it["key"]: it for it in (flag, *others)}, {it["key"]: it for it in segments}
    )
    return str(made.refused["flag", flag["key"]])
