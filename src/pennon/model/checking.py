"""
Every fault of decoded JSON against a type, where a decoder stops at the first. Pure.

For what people write by hand: they want to hear of all that is wrong at once, and an unknown
field is most often a slip, so the nearest that there is gets named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from msgspec import inspect, json

from pennon.errors import Fault

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SHOWN: Final = 40


def faults_of(value: object, type: Any, path: str = "$") -> list[Fault]:
    """Return every fault of *value*, which is decoded JSON and stood at *path*."""
    return list(_faults(value, inspect.type_info(type), path))


def path_to(path: str, name: str | int) -> str:
    """Return the path of a member of what is at *path*: ``$.rules[0]``, ``$["new-checkout"]``."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if _PLAIN.fullmatch(name) else f"{path}[{json.encode(name).decode()}]"


def _faults(value: object, type: inspect.Type, path: str) -> Iterator[Fault]:
    match type:
        case inspect.AnyType():
            pass
        case inspect.Metadata(type=inner):
            yield from _faults(value, inner, path)
        case inspect.UnionType(types=types):
            yield from _of_union(value, types, path)
        case _ if _kind_of(type) != _kind(value) and not _is_whole_float(value, type):
            yield Fault(path, f"expected {_kind_of(type)}, got {_shown(value)}")
        case inspect.StructType():
            yield from _of_struct(value, type, path)  # type: ignore[arg-type]  # an object, by now
        case inspect.DictType(key_type=keys, value_type=inner):
            assert isinstance(value, dict)
            for name, one in value.items():
                yield from _faults(name, keys, path_to(path, name))
                yield from _faults(one, inner, path_to(path, name))
        case inspect.VarTupleType(item_type=inner):
            assert isinstance(value, list)
            yield from _bounded(len(value), type, "entries", path)
            for index, one in enumerate(value):
                yield from _faults(one, inner, path_to(path, index))
        case inspect.LiteralType(values=values):
            if value not in values:
                listed = ", ".join(map(repr, values))
                yield Fault(path, f"expected one of {listed}, got {_shown(value)}")
        case inspect.StrType(pattern=pattern):
            assert isinstance(value, str)
            yield from _bounded(len(value), type, "characters", path)
            if pattern is not None and not re.search(pattern, value):
                yield Fault(path, f"expected text like {pattern}, got {_shown(value)}")
        case inspect.IntType(ge=least, le=most):
            assert isinstance(value, int)
            if (least is not None and value < least) or (most is not None and value > most):
                yield Fault(path, f"expected {least} to {most}, got {value}")


def _of_struct(value: Mapping[str, object], type: inspect.StructType, path: str) -> Iterator[Fault]:
    known = {field.encode_name: field for field in type.fields}
    for name, one in value.items():
        at = path_to(path, name)
        if name in known:
            yield from _faults(one, known[name].type, at)
        elif type.forbid_unknown_fields:
            close = get_close_matches(name, known, n=1)
            yield Fault(at, f"unknown field{f'; did you mean {close[0]!r}?' if close else ''}")
    for name, field in known.items():
        if field.required and name not in value:
            yield Fault(path_to(path, name), "a required field is missing")


def _of_union(value: object, types: Sequence[inspect.Type], path: str) -> Iterator[Fault]:
    meant = [one for one in types if not isinstance(one, inspect.NoneType)]
    if value is None and len(types) > len(meant):
        return
    likely = [
        one for one in meant if _kind_of(one) in (_kind(value), None) or _is_whole_float(value, one)
    ]
    if len(meant) == 1 or likely:
        yield from _faults(value, (likely or meant)[0], path)
    else:
        kinds = " or ".join(dict.fromkeys(str(_kind_of(one)) for one in meant))
        yield Fault(path, f"expected {kinds}, got {_shown(value)}")


def _bounded(
    count: int, type: inspect.StrType | inspect.VarTupleType, what: str, path: str
) -> Iterator[Fault]:
    least, most = type.min_length or 0, type.max_length
    if count < least:
        yield Fault(path, f"expected at least {least} {what}, got {count}")
    if most is not None and count > most:
        yield Fault(path, f"expected at most {most} {what}, got {count}")


def _kind_of(type: inspect.Type) -> str | None:
    """Return what JSON of *type* is, in words; None where any will do."""
    match type:
        case inspect.Metadata(type=inner):
            return _kind_of(inner)
        case inspect.StructType() | inspect.DictType():
            return "an object"
        case inspect.VarTupleType():
            return "a list"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "an integer"
        case inspect.FloatType():
            return "a number"
        case inspect.StrType() | inspect.LiteralType():
            return "text"
        case _:
            return None


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


def _is_whole_float(value: object, type: inspect.Type) -> bool:
    """An integer is a number as well."""
    return isinstance(type, inspect.FloatType) and _kind(value) == "an integer"


def _shown(value: object) -> str:
    if value is None or isinstance(value, list | dict):
        return _kind(value)
    text = json.encode(value).decode()
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"the text {text}" if isinstance(value, str) else text
