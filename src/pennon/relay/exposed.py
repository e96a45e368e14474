"""
Who was told of already: exposures by a hash of 61 bits, in two sets that take turns.

An exposure is remembered in the younger set. After half a window, or when that set is full, the
older is let go and the younger takes its place, so that nothing is remembered for longer than a
window and memory is bounded. What is forgotten too early is told again, which changes nothing:
the origin keeps the first. What is taken for another is never told; see `FALSE_DROPS`.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 100_000
"""How many exposures are remembered at most: half of them in each set, 8 MB in all."""
HASH_BITS: Final = 61
"""Of the 64 bits of a tuple's hash, which begins at a secret of the process, those relied on."""
FALSE_DROPS: Final = MOST / 2**HASH_BITS
"""The chance of a new exposure to be taken for another: at most one in 2 * 10**13."""


class Exposed:
    """What was told of within *window* seconds; *now* is any clock that only goes forward."""

    __slots__ = ("_half", "_half_window", "_older", "_turn_at", "_younger")

    def __init__(self, window: float, now: float, *, most: int = MOST) -> None:
        self._half, self._half_window = max(1, most // 2), window / 2
        self._younger: set[int] = set()
        self._older: set[int] = set()
        self._turn_at = now + self._half_window

    def __contains__(self, identity: int) -> bool:
        return identity in self._younger or identity in self._older

    def __len__(self) -> int:
        return len(self._younger) + len(self._older)

    def add(self, identity: int) -> None:
        """Remember an exposure."""
        if len(self._younger) >= self._half:
            self._turn()
        self._younger.add(identity)

    def tick(self, now: float) -> None:
        """Let go of what is too old by *now*."""
        turns = 0
        while now >= self._turn_at and turns < 2:
            self._turn()
            self._turn_at += self._half_window
            turns += 1
        self._turn_at = max(self._turn_at, now)

    def _turn(self) -> None:
        self._older, self._younger = self._younger, set()


def identity_of(
    environment: str, flag: str, version: int, variation: str, kind: str, key: str
) -> int:
    """Return what an exposure is known by: all but when it was, and by which rule."""
    return hash((environment, flag, version, variation, kind, key))
