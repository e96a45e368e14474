"""
Which contexts the SDK reads as we do: the divergences that no conversion of a flag can guard.

`docs/decisions/0050-exact-or-refused.md` names each of them.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any, Final

from pennon.errors import BadInput
from pennon.evaluation.dates import moment
from pennon.evaluation.numbers import MAX_SAFE_INTEGER
from pennon.evaluation.pattern.search import MAX_SUBJECT_BYTES
from pennon.model.context import MULTI, Context

_1970: Final = datetime.fromtimestamp(0, UTC)


class Diverges(Exception):
    """A context that the SDK reads otherwise, or not at all."""


def for_sdk(value: Any) -> dict[str, Any]:
    """Return a context as the SDK is given it. Raises Diverges."""
    try:
        kinds = Context.of(value).kinds
    except BadInput:
        raise Diverges("no context at all") from None
    read = {kind: _attributes(attributes) for kind, attributes in kinds.items()}
    if len(read) > 1:
        return {"kind": MULTI, **read}
    [(kind, attributes)] = read.items()
    return {"kind": kind, **attributes}


def _attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    key, name = attributes.get("key"), attributes.get("name")
    if not isinstance(key, str) or not key:
        raise Diverges("a context without a key")
    if name is not None and not isinstance(name, str):
        raise Diverges("a name that is no text")
    if not isinstance(attributes.get("anonymous", False), bool):
        raise Diverges("anonymous is neither true nor false")
    if "" in attributes or "_meta" in attributes:
        raise Diverges("an attribute that it keeps for itself")
    return {name: _value(value) for name, value in attributes.items()}


def _value(value: Any) -> Any:
    match value:
        case bool() | None:
            return value
        case dict():
            return {_text(name): _value(part) for name, part in value.items()}
        case list():
            return [_value(part) for part in value]
        case int() | float():
            return _number(value)
        case _:
            return _text(value)


def _number(value: float) -> float:
    if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        raise Diverges("an integer beyond 2**53 - 1, which it keeps exactly")
    if not math.isfinite(value):
        raise Diverges("a number that is not JSON")
    # Python knows 33.0 from 33 where it buckets; to JSON, and to most SDKs, they are one.
    whole = value == int(value) and abs(value) <= MAX_SAFE_INTEGER
    return int(value) if whole else value


def _text(value: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise Diverges("half of a surrogate pair")
    if value.endswith("\n"):
        raise Diverges("a final newline, before which its `$` matches")
    if len(value.encode()) > MAX_SUBJECT_BYTES:
        raise Diverges("a text longer than we search")
    if _its_moment(value) != moment(value):
        raise Diverges("a date in a form that only one of us reads, or reads to the microsecond")
    return value


def _its_moment(value: str) -> float | None:
    """Return what the SDK, which leaves it to Python, makes of a date."""
    try:
        read = datetime.fromisoformat(re.sub("Z$", "+00:00", value, flags=re.IGNORECASE))
        return (read - _1970).total_seconds() * 1000.0
    except (ValueError, TypeError, OverflowError):
        return None
