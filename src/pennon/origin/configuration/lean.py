"""Structs without what goes without saying: a field that holds its default is left out. Pure."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import fields, replace

T = TypeVar("T")


def lean(value: T) -> T:
    """
    Return *value* with the very default in each field that is equal to it, at any depth.

    A Struct leaves out of its JSON what *is* its default, not what equals it. Somebody who writes
    `"kind": "user"` means the same as somebody who does not, and both are to be written alike.
    """
    lighter: Any = value
    if isinstance(value, Struct):
        lighter = replace(value, **dict(_kept(value)))
    elif isinstance(value, tuple):
        lighter = tuple(map(lean, value))
    elif isinstance(value, dict):
        lighter = {key: lean(one) for key, one in value.items()}
    return lighter  # type: ignore[no-any-return]  # of the type that it came as


def _kept(value: Struct) -> list[tuple[str, object]]:
    kept = []
    for name, default in _defaults(type(value)):
        held = lean(getattr(value, name))
        same = type(held) is type(default) and held == default
        kept.append((name, default if same else held))
    return kept


@cache
def _defaults(type: type[Struct]) -> tuple[tuple[str, object], ...]:
    return tuple((field.name, field.default) for field in fields(type))
