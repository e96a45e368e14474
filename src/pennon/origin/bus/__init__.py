"""
The bus says that something may have moved, never what: the changelog is the only truth.

A wake-up may be lost, late or for nothing; whoever waits looks for itself, and looks again after
a tick without one.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol


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
