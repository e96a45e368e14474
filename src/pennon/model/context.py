"""
Who or what a flag is evaluated for: attributes of one kind, or of several kinds at once.

Three JSON shapes are read, all into the same `Context`:

- one kind: ``{"kind": "user", "key": "ada", "plan": "pro"}``; `kind` defaults to ``"user"``
- OpenFeature: ``{"targetingKey": "ada", "plan": "pro"}``; `targetingKey` is the key
- many kinds: ``{"kind": "multi", "user": {...}, "organization": {...}}``
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from pennon.errors import BadInput

KIND: Final = re.compile(r"[A-Za-z0-9._-]{1,256}", re.ASCII)
USER: Final = "user"
"""The kind of a context that names none."""
MULTI: Final = "multi"
_NOT_KINDS: Final = frozenset({"kind", MULTI})


class Context(Struct):
    """The attributes of each kind, `key` among them. Treat it as frozen."""

    kinds: dict[str, dict[str, Any]]

    def __repr__(self) -> str:
        return f"Context(kinds={sorted(self.kinds)})"

    @classmethod
    def of(cls, value: object, path: str = "$") -> Context:
        """
        Read a context from decoded JSON; *path* is where it stood, for errors.

        A missing key is no error here: flags that need none can still be evaluated.
        Raises BadInput when *value* is not an object, or a kind is not a name or not an object.
        """
        # Decoded JSON is a dict, and to ask about that first spares asking the abstract class.
        if not isinstance(value, (dict, Mapping)):
            raise BadInput.at(path, f"expected a context object, got {_json_type(value)}")
        kind = value.get("kind", USER)
        if kind == MULTI:
            return cls(_many(value, path))
        if kind != USER:
            _check_kind(kind, f"{path}.kind")
        return cls({kind: _attributes(value)})


def _many(value: Mapping[str, Any], path: str) -> dict[str, dict[str, Any]]:
    kinds = {}
    for kind, attributes in value.items():
        # OpenFeature SDKs may add a targetingKey beside the kinds; it belongs to none of them.
        if kind in ("kind", "targetingKey"):
            continue
        _check_kind(kind, f"{path}.{kind}")
        if not isinstance(attributes, Mapping):
            raise BadInput.at(
                f"{path}.{kind}", f"expected the kind's attributes, got {_json_type(attributes)}"
            )
        kinds[kind] = _attributes(attributes)
    if not kinds:
        raise BadInput.at(path, "expected at least one kind in a multi-kind context")
    return kinds


def _attributes(value: Mapping[str, Any]) -> dict[str, Any]:
    attributes = dict(value)
    attributes.pop("kind", None)
    if "targetingKey" in attributes:
        attributes["key"] = attributes.pop("targetingKey")
    return attributes


def _check_kind(kind: object, path: str) -> None:
    if not isinstance(kind, str) or kind in _NOT_KINDS or not KIND.fullmatch(kind):
        raise BadInput.at(path, "expected a kind of letters, digits, '.', '_' or '-'")


def _json_type(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case Mapping():
            return "an object"
        case _:
            return "an array"
