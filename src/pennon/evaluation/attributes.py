"""
References to attributes: a literal top-level name, or a path that starts with a slash.

``plan`` and ``a/b`` are names; ``/address/city`` is a path, in which ``~1`` stands for a slash
and ``~0`` for a tilde.
"""

from __future__ import annotations

import re
from typing import Any, Final

Attributes = dict[str, Any]
Reference = tuple[str, ...]
"""The names to follow, one for a top-level attribute."""

ABSENT: Final[Attributes] = {}
"""Stands for the attributes of a kind that the context lacks; known by identity."""

KEY: Final[Reference] = ("key",)
KIND: Final[Reference] = ("kind",)
ANONYMOUS: Final[Reference] = ("anonymous",)

_STRAY_TILDE: Final = re.compile(r"~(?![01])")


def parse_reference(text: str) -> Reference | None:
    """Return the names that *text* refers to, or None when it is malformed."""
    if not text:
        return None
    if not text.startswith("/"):
        return (text,)
    parts = text[1:].split("/")
    if not all(parts) or _STRAY_TILDE.search(text):
        return None
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def read(attributes: Attributes, reference: Reference) -> Any:
    """Return the value at *reference*, or None when it is missing. Arrays are not indexed."""
    value: Any = attributes
    for name in reference:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    if value is None and reference == ANONYMOUS and attributes is not ABSENT:
        return False
    return value
