"""Environments of which the last word was refused: let pass for a while, then asked for again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

FIRST_SECONDS: Final = 1.0
MOST_SECONDS: Final = 30.0


class Refusals:
    """
    Which environments are refused on the stream that is open, and when to ask for them again.

    Each refusal in a row doubles the time that an environment is left alone. *clock* is in
    seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._in_a_row: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def __contains__(self, environment: object) -> bool:
        return environment in self._until

    def begin(self) -> None:
        """Begin a new stream, on which everything is asked for again."""
        self._until.clear()

    def refuse(self, environment: str) -> None:
        """Note that what was said of *environment* was refused."""
        before = self._in_a_row.get(environment, 0)
        self._in_a_row[environment] = before + 1
        pause = min(FIRST_SECONDS * 2.0 ** min(before, 10), MOST_SECONDS)
        self._until.setdefault(environment, self._clock() + pause)

    def lift(self, environment: str) -> None:
        """Note that something said of *environment* was taken."""
        self._in_a_row.pop(environment, None)
        self._until.pop(environment, None)

    @property
    def due(self) -> bool:
        """Whether one of them is to be asked for again."""
        return bool(self._until) and self._clock() >= min(self._until.values())
