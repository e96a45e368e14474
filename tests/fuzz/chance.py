"""A seeded source of choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """
    Choices that a seed repeats.

    In some seeds things go astray that a converter refuses, or that are malformed; in the others
    they do not, since what uses such a thing is lost to the comparison too.
    """

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)
        self._wild = self.happens(0.3)

    def happens(self, share: float) -> bool:
        """Return True in *share* of all cases."""
        return self._random.random() < share

    def strays(self, share: float) -> bool:
        """Return True in *share* of the cases where things go astray at all."""
        return self._wild and self.happens(share)

    def number(self, low: int, high: int) -> int:
        """Return an integer from *low* to *high*, both included."""
        return self._random.randint(low, high)

    def one(self, options: Sequence[T]) -> T:
        """Return one of *options*."""
        return options[self._random.randrange(len(options))]

    def some(self, low: int, high: int, make: Callable[[], T]) -> list[T]:
        """Return from *low* to *high* things."""
        return [make() for _ in range(self.number(low, high))]

    def subset(self, options: Sequence[T], low: int, high: int) -> list[T]:
        """Return from *low* to *high* different *options*, in any order."""
        return self._random.sample(options, min(len(options), self.number(low, high)))
