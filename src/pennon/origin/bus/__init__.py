"""
The bus says that something may have moved, never what: the changelog is the only truth.

A wake-up may be lost, late or for nothing; whoever waits looks for itself, and looks again after
a tick without one. Beside them the bus carries what nodes report to one origin to the others,
which may be lost as well: nodes say it again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Final, Protocol

MOST_SHARED_BYTES: Final = 7_500
"""What one piece may have: PostgreSQL carries 8,000 bytes with a notification."""

Listener = Callable[[bytes], None]


class Wakeups(Protocol):
    """One listener's wake-ups."""

    async def wait(self, timeout: float) -> bool:
        """Return True at the next wake-up, also one since the last call, else False in time."""
        ...


class Bus(Protocol):
    """Carries wake-ups between those who commit and those who follow."""

    async def notify(self, environments: Collection[str]) -> None:
        """Wake every listener: these environments may have moved."""
        ...

    def subscribe(self) -> AbstractContextManager[Wakeups]:
        """Listen for the length of a block; what is notified from its start on is not missed."""
        ...

    def share(self, piece: bytes) -> None:
        """Tell every other origin, if the bus can; text of at most MOST_SHARED_BYTES."""
        ...

    def hear(self, listener: Listener) -> None:
        """Call *listener* with each piece that another origin shares from now on."""
        ...
