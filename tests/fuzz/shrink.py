"""
Making a disagreement small: parts are taken away as long as it stays one (delta debugging).

What is tried at each place: leaving it out, an element of it in its stead, and the plainest value
of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Json = Any
Path = tuple[Any, ...]


def shrunk(value: Json, still_fails: Callable[[Json], bool], patience: int = 5_000) -> Json:
    """Return a smaller value that still fails, after at most *patience* tries."""
    tries = 0
    progress = True
    while progress:
        progress = False
        for path in list(_paths(value)):
            for candidate in _smaller(value, path):
                tries += 1
                if tries > patience:
                    return value
                if still_fails(candidate):
                    value, progress = candidate, True
                    break
    return value


def _paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """Yield the places of *value*, the outer before the inner, later elements before earlier."""
    if isinstance(value, dict):
        for name in value:
            yield (*path, name)
            yield from _paths(value[name], (*path, name))
    elif isinstance(value, list):
        for i in reversed(range(len(value))):
            yield (*path, i)
            yield from _paths(value[i], (*path, i))


def _smaller(value: Json, path: Path) -> Iterator[Json]:
    """Yield copies of *value* that are smaller at *path*; none if that is no longer there."""
    try:
        part = _at(value, path)
    except (KeyError, IndexError, TypeError):
        return
    yield _without(value, path)
    inner = list(part.values()) if isinstance(part, dict) else part
    if isinstance(inner, list):
        for element in inner:
            if type(element) is type(part):
                yield _with(value, path, element)
    if isinstance(part, str) and len(part) > 1:
        yield _with(value, path, part[: len(part) // 2])
    if isinstance(part, bool) and part:
        yield _with(value, path, False)


def _at(value: Json, path: Path) -> Json:
    for step in path:
        value = value[step]
    return value


def _without(value: Json, path: Path) -> Json:
    if len(path) > 1:
        return _replaced(value, path[0], _without(value[path[0]], path[1:]))
    if isinstance(value, dict):
        return {name: part for name, part in value.items() if name != path[0]}
    return value[: path[0]] + value[path[0] + 1 :]


def _with(value: Json, path: Path, part: Json) -> Json:
    if not path:
        return part
    return _replaced(value, path[0], _with(value[path[0]], path[1:], part))


def _replaced(value: Json, step: Any, part: Json) -> Json:
    if isinstance(value, dict):
        return {**value, step: part}
    return [*value[:step], part, *value[step + 1 :]]
