"""Variations by name and by index: ours are named, theirs are numbered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pennon.model.flag import FlagType, Variation

_LONGEST_NAME: Final = 64
_MISSING: Final = "no variation "


class Indices:
    """The index of each variation; of a name that does not exist, the first past the end."""

    def __init__(self, variations: Iterable[Variation]) -> None:
        self._indices: dict[str, int] = {}
        self.count = 0
        for index, variation in enumerate(variations):
            self._indices.setdefault(variation.name, index)
            self.count = index + 1

    def __contains__(self, name: str) -> bool:
        return name in self._indices

    def __getitem__(self, name: str) -> int:
        return self._indices.get(name, self.count)


class Names:
    """The name of each value; of an index that does not exist, a name that does not either."""

    def __init__(self, values: Sequence[Any]) -> None:
        readable = [_readable(value) for value in values]
        if None in readable or len(set(readable)) < len(readable):
            readable = []
        numbered = (f"variation {index}" for index in range(len(values)))
        self._names = [name for name in readable if name is not None] or list(numbered)

    def __getitem__(self, index: int) -> str:
        if 0 <= index < len(self._names):
            return self._names[index]
        return f"{_MISSING}{index}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


def type_of(values: Sequence[Any]) -> FlagType:
    """Return the narrowest type that all *values* have."""
    types = {type(value) for value in values}
    if types == {bool}:
        return "boolean"
    if types == {str}:
        return "string"
    if types == {int}:
        return "integer"
    return "float" if types and types <= {int, float} else "json"


def _readable(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME:
        return None
    return None if value.startswith(_MISSING) else value
