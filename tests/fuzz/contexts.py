"""Generated contexts: their values are mostly those that the environment's conditions name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from pennon.evaluation.attributes import parse_reference
from tests.fuzz import words
from tests.fuzz.chance import Chance
from tests.fuzz.environments import KEYS, Environment

_ODD: Final[tuple[Any, ...]] = (
    None,
    [],
    {},
    [None],
    [[1]],
    ["pro", 1, True],
    {"city": "Rome", "geo": {"lat": 1.5}},
    {"city": None},
    {"length": 3},
    1e308,
)
_NOT_FOR_ALL: Final[tuple[Any, ...]] = (2**63, "line\n", "\ud800")
_NOT_FREE: Final = ("key", "kind", "name", "anonymous", "targetingKey")
_NOT_KEYS: Final[tuple[Any, ...]] = (None, "", 7, True, ["ada"])


class Contexts:
    """Makes contexts for one environment."""

    def __init__(self, chance: Chance, environment: Environment) -> None:
        self._chance = chance
        self._mentioned: dict[str, list[Any]] = defaultdict(list)
        self._paths: list[tuple[str, ...]] = []
        for clause in _clauses([environment.flags, environment.segments]):
            reference = parse_reference(clause["attribute"])
            if reference is not None:
                values = clause.get("values")
                self._mentioned[reference[-1]].extend(values if isinstance(values, list) else ())
                self._paths.append(reference)

    def context(self) -> Any:
        """Return the JSON of a context, now and then of none."""
        chance = self._chance
        if chance.happens(0.003):
            return chance.one((None, [], "ada", {"kind": "kind"}, {"kind": 1}, {"kind": "multi"}))
        if chance.happens(0.4):
            kinds = chance.subset(words.KINDS, 1, 4)
            return {"kind": "multi", **{kind: self._attributes() for kind in kinds}}
        attributes = self._attributes()
        if chance.happens(0.1) and "key" in attributes:
            attributes["targetingKey"] = attributes.pop("key")
        if chance.happens(0.3):
            return attributes
        return {"kind": chance.one(("user", *words.KINDS)), **attributes}

    def _attributes(self) -> dict[str, Any]:
        chance = self._chance
        attributes: dict[str, Any] = {"key": self._key()}
        if chance.happens(0.01):
            del attributes["key"]
        for name in chance.subset(words.NAMES, 0, 4):
            if name not in _NOT_FREE:
                attributes[name] = self._value(name)
        for path in chance.subset(self._paths, 0, 8):
            self._set(attributes, path)
        if chance.happens(0.3):
            attributes["anonymous"] = chance.happens(0.5)
        if chance.happens(0.3):
            attributes["name"] = chance.one(words.TEXTS)
        return attributes

    def _key(self) -> Any:
        chance = self._chance
        if chance.strays(0.05):
            return chance.one(_NOT_KEYS)
        named = [value for value in self._mentioned["key"] if isinstance(value, str) and value]
        if named and chance.happens(0.2):
            return chance.one(named)
        return chance.one(KEYS) or f"user-{chance.number(0, 10**6)}"

    def _set(self, attributes: dict[str, Any], path: tuple[str, ...]) -> None:
        """Put a value at *path*, with the objects on the way, unless another value stands there."""
        if path[0] in _NOT_FREE:
            return
        holder = attributes
        for name in path[:-1]:
            below = holder.setdefault(name, {})
            if not isinstance(below, dict):
                return
            holder = below
        holder[path[-1]] = self._value(path[-1])

    def _value(self, name: str) -> Any:
        chance = self._chance
        if chance.happens(0.15):
            return chance.some(0, 3, lambda: deepcopy(self._plain(name)))
        return deepcopy(self._plain(name))

    def _plain(self, name: str) -> Any:
        chance = self._chance
        if chance.happens(0.03):
            return chance.one(_ODD)
        if chance.strays(0.03):
            return chance.one(_NOT_FOR_ALL)
        if self._mentioned[name] and chance.happens(0.75):
            return chance.one(self._mentioned[name])
        pool = chance.one(
            (
                words.TEXTS,
                words.NUMBERS,
                words.VERSIONS,
                words.DATES,
                (True, False),
                words.BAD_VERSIONS if chance.happens(0.5) else words.TEXTS,
                words.BAD_DATES if chance.strays(0.5) else words.TEXTS,
            )
        )
        return chance.one(pool)


def _clauses(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in *value* that looks like a clause."""
    if isinstance(value, dict):
        if isinstance(value.get("attribute"), str):
            yield value
        for part in value.values():
            yield from _clauses(part)
    elif isinstance(value, list):
        for part in value:
            yield from _clauses(part)
