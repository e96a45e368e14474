"""
What is different between two states of an object, place by place. Pure.

Elements that have a name are compared by it, wherever they stand: a rule by its id, a variation
by its name, a context key by itself. So a rule put before others is one difference, and one key
more among ten thousand is one as well. A changed order of what both have is told once, at
``[*]``, by the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct, UnsetType, json
from msgspec.structs import fields

from pennon.model.flag import Prerequisite, Rule, Target, Variation, WeightedVariation
from pennon.model.segment import Members, SegmentRule
from pennon.origin.schemas import View

_encode = json.Encoder(order="deterministic").encode


class Difference(View, frozen=True, kw_only=True):
    """
    One place that is different: a path such as ``$.rules["staff"].serve.variation``.

    `before` is left out where there was nothing, `after` where there is nothing any more.
    """

    path: str
    before: Any | UnsetType = UNSET
    after: Any | UnsetType = UNSET


def differences(before: object, after: object, path: str = "$") -> Iterator[Difference]:
    """Yield what is different between two values of JSON or Structs; UNSET stands for nothing."""
    if _same(before, after):
        return
    if isinstance(before, Struct) and type(before) is type(after):
        for field in fields(before):
            old, new = getattr(before, field.name), getattr(after, field.name)
            yield from differences(old, new, f"{path}.{field.encode_name}")
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _of_named(before, after, path)
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        yield from _of_lists(before, after, path)
    else:
        yield Difference(path=path, before=before, after=after)


def _same(before: object, after: object) -> bool:
    if before is UNSET or after is UNSET:
        return before is after
    # As JSON, since to Python true is 1 and 1 is 1.0.
    return _encode(before) == _encode(after)


def _of_lists(before: Sequence[object], after: Sequence[object], path: str) -> Iterator[Difference]:
    old, new = _by_name(before), _by_name(after)
    if old is not None and new is not None:
        yield from _of_named(old, new, path)
        was, now = [name for name in old if name in new], [name for name in new if name in old]
        if was != now:
            yield Difference(path=f"{path}[*]", before=was, after=now)
    elif len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    else:
        yield Difference(path=path, before=before, after=after)


def _of_named(
    before: Mapping[str, object], after: Mapping[str, object], path: str
) -> Iterator[Difference]:
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name, UNSET), after.get(name, UNSET)
        yield from differences(old, new, f"{path}[{_encode(name).decode()}]")


def _by_name(elements: Iterable[object]) -> dict[str, object] | None:
    """Return *elements* by their names, or None where one has none or two have the same."""
    named: dict[str, object] = {}
    for element in elements:
        name = _name_of(element)
        if name is None or name in named:
            return None
        named[name] = element
    return named


def _name_of(element: object) -> str | None:
    match element:
        case str():
            return element
        case Rule(id=name) | SegmentRule(id=name) | Variation(name=name):
            return name
        case Prerequisite(flag=name) | WeightedVariation(variation=name) | Members(kind=name):
            return name
        case Target(variation=name, kind=kind):
            return name if kind == "user" else f"{name} for {kind}"
    return None
