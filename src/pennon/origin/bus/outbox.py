"""What a bus still has to send: one wake-up at most, and some pieces."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

WAKE: Final = b""
"""A wake-up, among what is to be sent."""
MOST_PIECES: Final = 2_000
"""As many wait for a connection; then the oldest is let go, which nodes say again."""


class Outbox:
    """Filled at any time, emptied by the one task that has the connection."""

    def __init__(self) -> None:
        self._wake = False
        self._pieces: deque[bytes] = deque(maxlen=MOST_PIECES)
        self._due = asyncio.Event()

    def wake(self) -> None:
        """Owe a wake-up."""
        self._wake = True
        self._due.set()

    def add(self, piece: bytes) -> None:
        """Owe a piece."""
        self._pieces.append(piece)
        self._due.set()

    def nudge(self) -> None:
        """Have whoever waits look again, though nothing may be owed."""
        self._due.set()

    async def wait(self) -> None:
        """Return once there may be something to send."""
        await self._due.wait()
        self._due.clear()

    def take(self) -> bytes | None:
        """
        Return what to send next, which is owed no longer; None where there is nothing.

        That is WAKE before any piece: a change does not wait for reports to go out.
        """
        if self._wake:
            self._wake = False
            return WAKE
        return self._pieces.popleft() if self._pieces else None
