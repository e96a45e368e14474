"""How fast a node reports, or writes: steadily while that succeeds, ever more slowly while not."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from pennon.relay.backoff import Backoff

MOST_SECONDS: Final = 300.0
"""The longest wait that a parent may ask for before it is told something."""
_MOST_PAUSES: Final = 10


class Pace:
    """
    Says how long to rest after an attempt: *pause* seconds, and more while attempts fail.

    The rest then grows to ten pauses, with full jitter: a parent that struggles is told by
    thousands, who would all come once a second. It stays short of what a stream waits for, so
    that receipts are complete soon after it is back.
    """

    def __init__(self, pause: float, random: Callable[[], float] = random.random) -> None:
        self._pause = pause
        self._backoff = Backoff(random, first=pause, most=_MOST_PAUSES * pause)

    def rest(self, wish: float | None) -> float:
        """Return the seconds to rest; *wish* is None after success, as from `Uplink.post`."""
        if wish is None:
            self._backoff.reset()
            return self._pause
        return self._pause + min(wish, MOST_SECONDS) + self._backoff.next()
