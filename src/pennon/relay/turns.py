"""Whose turn it is to be opened, where not everybody can be at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Final

PATIENCE_SECONDS: Final = 10.0
"""For how long what nobody asks for again keeps its place."""
_BURST: Final = 20
_PER_SECOND: Final = 10.0
# Openings at once, and a second after that: each costs some milliseconds of the one core.
_LOOKED_EVERY: Final = 0.1
# How often at most it is looked for room, however many ask for what there is none for.
_COME_BACK_SECONDS: Final = 1.0


class Turns:
    """
    A line of those that there was no room for, and a bound on openings; *clock* is in seconds.

    Who came first is first, for as long as somebody asks for it now and then.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._line: dict[str, float] = {}  # when each was asked for last
        self._earned_at = self._full_until = clock()

    def __len__(self) -> int:
        return len(self._line)

    def first(self) -> str | None:
        """Return what has waited longest and is still asked for."""
        oldest = self._clock() - PATIENCE_SECONDS
        while (first := next(iter(self._line), None)) and self._line[first] < oldest:
            del self._line[first]
        return first

    def wait(self, environment: str) -> float:
        """Return the seconds until it is worth while to look for room for *environment*."""
        if self._clock() < self._full_until or self.first() not in (None, environment):
            return _COME_BACK_SECONDS
        return max(0.0, self._earned_at - self._clock() - _BURST / _PER_SECOND)

    def found_no_room(self) -> None:
        """Note that it was looked for room in vain."""
        self._full_until = self._clock() + _LOOKED_EVERY

    def stand_in_line(self, environment: str) -> None:
        """Keep a place for *environment*, or the one that it has."""
        self._line[environment] = self._clock()

    def take(self, environment: str) -> None:
        """Count an opening."""
        self._line.pop(environment, None)
        self._earned_at = max(self._earned_at, self._clock()) + 1 / _PER_SECOND

    def keep(self, environments: Set[str]) -> None:
        """Let all but *environments* lose their places."""
        for gone in self._line.keys() - environments:
            del self._line[gone]
