"""Generated conditions: clauses over all operators, segments, and trees of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, Final

from tests.fuzz import words
from tests.fuzz.chance import Chance

Json = dict[str, Any]

_DEEPEST: Final = 3
_NESTED: Final[tuple[Any, ...]] = ([], ["pro"], {}, {"city": 1}, [True], {"a": [1.0]})


class Conditions:
    """Makes conditions that may name *segments*."""

    def __init__(self, chance: Chance, segments: Sequence[str]) -> None:
        self._chance = chance
        self._segments = segments

    def when(self) -> list[Json]:
        """Return conditions that are ANDed."""
        return self._chance.some(0 if self._chance.happens(0.1) else 1, 2, self._condition)

    def kind(self) -> str:
        """Return a kind of context, most often the common one."""
        return "user" if self._chance.happens(0.75) else self._chance.one(words.KINDS)

    def reference(self) -> str:
        """Return a reference to an attribute; now and then a malformed one."""
        if self._chance.strays(0.03):
            return self._chance.one(words.BAD_REFERENCES)
        return self._chance.one(words.NAMES if self._chance.happens(0.7) else words.PATHS)

    def _condition(self, depth: int = 1) -> Json:
        chance = self._chance
        if chance.strays(0.015):
            return chance.one(({}, {"attribute": "plan"}, {"op": "in"}, {"any": [], "all": []}))
        if depth < _DEEPEST and chance.happens(0.15):
            form = chance.one(("any", "all", "not"))
            if form == "not":
                return {"not": self._condition(depth + 1)}
            return {form: chance.some(0, 3, lambda: self._condition(depth + 1))}
        if self._segments and chance.happens(0.15):
            segment = "missing" if chance.happens(0.05) else chance.one(self._segments)
            return {"segment": segment, **self._negate()}
        return self._clause()

    def _clause(self) -> Json:
        chance = self._chance
        if chance.happens(0.08):
            kinds = chance.some(0, 2, lambda: chance.one((*words.KINDS, "us", 1)))
            op = chance.one(("in", "in", "startsWith", "contains", "exists"))
            return self._written("kind", op, kinds if op != "exists" else [])
        if chance.happens(0.1):
            return {"attribute": self.reference(), "op": "exists", "kind": self.kind()}
        ops, value = chance.one(self._families())
        values = chance.some(0 if chance.happens(0.05) else 1, 3, lambda: self._value(value))
        return self._written(self.reference(), chance.one(ops), values)

    def _written(self, attribute: str, op: str, values: list[Any]) -> Json:
        clause = {"attribute": attribute, "op": op, "values": values, **self._negate()}
        kind = self.kind()
        return clause if kind == "user" else {**clause, "kind": kind}

    def _negate(self) -> Json:
        return {"negate": True} if self._chance.happens(0.3) else {}

    def _families(self) -> list[tuple[Sequence[str], Callable[[], Any]]]:
        chance = self._chance
        bad = chance.strays(0.4)
        equality: tuple[Sequence[str], Callable[[], Any]] = (("in",), self._scalar)
        return [
            equality,
            equality,
            equality,
            (words.TEXT_OPERATORS, lambda: chance.one(words.TEXTS)),
            (("matches",), lambda: chance.one(words.BAD_PATTERNS if bad else words.PATTERNS)),
            (words.COMPARISONS, lambda: chance.one(words.NUMBERS)),
            (words.DATE_OPERATORS, self._moment),
            (
                words.VERSION_OPERATORS,
                lambda: chance.one(words.BAD_VERSIONS if bad else words.VERSIONS),
            ),
            (words.UNKNOWN_OPERATORS, self._scalar) if bad else equality,
        ]

    def _value(self, expected: Callable[[], Any]) -> Any:
        return self._scalar() if self._chance.happens(0.05) else expected()

    def _scalar(self) -> Any:
        chance = self._chance
        if chance.strays(0.06):
            return deepcopy(chance.one(_NESTED))
        return chance.one((*words.TEXTS, *words.NUMBERS, True, False, None))

    def _moment(self) -> Any:
        chance = self._chance
        if chance.strays(0.3):
            return chance.one(words.BAD_DATES)
        return chance.one((*words.DATES, 1577836800000, 0, -1000.5))
