"""
The flags that are loaded: ten thousand of the shapes that environments have, none like another.

A fifth is off, a quarter serves everybody the same, a quarter has rules, an eighth is rolled out
to a share, a tenth has both, and the rest lists keys. They use no segments: not every engine has
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

KEY: Final = "user-1234"
ATTRIBUTES: Final[dict[str, str | int]] = {
    "country": "fr",
    "plan": "pro",
    "age": 33,
    "team": "team-7",
    "device": "phone",
    "cohort": "2026-11",
}
"""The attributes of the one user who asks."""

_VALUES: Final = {
    "country": ("fr", "de", "us", "ca", "at", "be", "jp", "br", "in", "gb"),
    "plan": ("free", "pro", "team", "enterprise"),
    "team": tuple(f"team-{index}" for index in range(200)),
    "device": ("phone", "tablet", "desktop"),
    "cohort": tuple(f"2026-{month:02}" for month in range(1, 13)),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """The attribute is one of *values*, or is a number above *above*."""

    attribute: str
    values: tuple[str, ...] = ()
    above: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """
    A boolean flag. Who meets all clauses of one of *rules* gets true.

    The others get true or false by *share*, the percentage that gets true: 0 and 100 are no split.
    """

    key: str
    enabled: bool = True
    rules: tuple[tuple[Clause, ...], ...] = ()
    share: int = 0

    @property
    def is_split(self) -> bool:
        return self.enabled and 0 < self.share < 100


def make_shapes(count: int) -> list[Shape]:
    """Return *count* flags, the same at each call."""
    random = Random(20261122)
    return [_make(random, f"team-{index % 40}.feature-{index}") for index in range(count)]


def _make(random: Random, key: str) -> Shape:
    dice = random.randrange(40)
    if dice < 8:
        return Shape(key, enabled=False, rules=_rules(random), share=100)
    if dice < 18:
        return Shape(key, share=random.choice((0, 100, 100)))
    if dice < 28:
        return Shape(key, rules=_rules(random), share=random.choice((0, 0, 100)))
    if dice < 33:
        return Shape(key, share=random.randrange(1, 100))
    if dice < 37:
        return Shape(key, rules=_rules(random), share=random.randrange(1, 100))
    listed = tuple(f"user-{random.randrange(10**6, 10**7)}" for _ in range(50))
    return Shape(key, rules=((Clause("key", listed),),))


def _rules(random: Random) -> tuple[tuple[Clause, ...], ...]:
    return tuple(
        tuple(_clause(random) for _ in range(random.randrange(1, 4)))
        for _ in range(random.randrange(1, 4))
    )


def _clause(random: Random) -> Clause:
    attribute = random.choice((*_VALUES, "age"))
    if attribute == "age":
        return Clause("age", above=random.randrange(16, 70))
    values = _VALUES[attribute]
    return Clause(attribute, tuple(random.sample(values, random.randrange(1, 4))))
