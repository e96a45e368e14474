"""Which values a type allows at a place, so that an error can say what was expected there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import inspect

_STEP: Final = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?:\d+|\.\.\.)\]")


def choices_at(type: Any, path: str) -> tuple[object, ...]:
    """
    Return the values that *type* names for *path* (``$.rules[0].track``), none where it is open.

    The tag of a union counts as such a place: its values are the union's tags.
    """
    found = [inspect.type_info(type)]
    for step in _STEP.finditer(path):
        name = step["name"]
        found = [inner for one in _expanded(found) for inner in _inside(one, name)]
    named = [
        value
        for one in _expanded(found)
        if isinstance(one, inspect.LiteralType)
        for value in one.values
    ]
    return tuple(sorted(named, key=str))


def _expanded(types: Iterable[inspect.Type]) -> Iterator[inspect.Type]:
    """Yield *types* with the members of a union in its place."""
    for one in types:
        if isinstance(one, inspect.Metadata):
            yield from _expanded([one.type])
        elif isinstance(one, inspect.UnionType):
            yield from _expanded(one.types)
        else:
            yield one


def _inside(type: inspect.Type, name: str | None) -> Iterator[inspect.Type]:
    """Yield what *type* has as its field *name*; without a name, as an element or a value."""
    if isinstance(type, inspect.StructType) and name is not None:
        yield from (field.type for field in type.fields if field.encode_name == name)
        if name == type.tag_field and type.tag is not None:
            yield inspect.LiteralType((type.tag,))
    elif name is None and isinstance(type, inspect.VarTupleType | inspect.ListType):
        yield type.item_type
    elif name is None and isinstance(type, inspect.DictType):
        yield type.value_type
