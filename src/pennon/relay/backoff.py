"""How long to wait before asking a parent again: exponential, with full jitter."""

from __future__ import annotations

from collections.abc import Callable


class Backoff:
    """
    Delays between 0 and a ceiling that doubles from *first* to *most* seconds.

    Full jitter (each delay uniform below the ceiling) spreads a herd better than a fixed delay
    with noise. *random* returns a number in [0, 1).
    """

    def __init__(
        self, random: Callable[[], float], *, first: float = 0.5, most: float = 30.0
    ) -> None:
        self._random, self._first, self._most = random, first, most
        self._ceiling = first

    def next(self) -> float:
        """Return the next delay in seconds."""
        ceiling = self._ceiling
        self._ceiling = min(ceiling * 2, self._most)
        return self._random() * ceiling

    def reset(self) -> None:
        """Begin again from the first delay, after a time of health."""
        self._ceiling = self._first
