"""How long to wait before asking a parent again: ever longer, with full jitter."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """
    Delays between 0 and a ceiling: all that was waited so far, within *first* and *most* seconds.

    Full jitter (each delay uniform below the ceiling) spreads a herd better than a fixed delay
    with noise. The ceiling grows by half a time, so that nobody comes back later than twice as
    long as a parent was away. *random* returns a number in [0, 1).
    """

    def __init__(
        self, random: Callable[[], float], *, first: float = 0.5, most: float = 30.0
    ) -> None:
        self._random, self._first, self._most = random, first, most
        self._waited = 0.0

    def next(self) -> float:
        """Return the next delay in seconds."""
        delay = self._random() * min(max(self._waited, self._first), self._most)
        self._waited += delay
        return delay

    def reset(self) -> None:
        """Begin again from the first delay, after a time of health."""
        self._waited = 0.0
