"""What is logged for many who are refused: once a minute is enough."""

from __future__ import annotations

from collections.abc import Callable


class Seldom:
    """Says when it is time again; *now* is in seconds."""

    def __init__(self, now: Callable[[], float], seconds: float = 60.0) -> None:
        self._now, self._seconds = now, seconds
        self._last = float("-inf")

    def due(self) -> bool:
        """Return whether the last time that this was so is long enough ago."""
        now = self._now()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True
