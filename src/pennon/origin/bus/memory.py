"""The bus of a single process: an event for each listener."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Generator
from contextlib import contextmanager

from pennon.origin.bus import Listener


class MemoryBus:
    """Wakes listeners on the same event loop."""

    def __init__(self) -> None:
        self._listeners: set[_EventWakeups] = set()

    async def notify(self, environments: Collection[str]) -> None:
        self.wake()

    def wake(self) -> None:
        """Wake every listener."""
        for listener in self._listeners:
            listener.wake()

    def share(self, piece: bytes) -> None:
        """Tell nobody: there is no other origin."""

    def hear(self, listener: Listener) -> None:
        """Hear nothing."""

    @contextmanager
    def subscribe(self) -> Generator[_EventWakeups]:
        listener = _EventWakeups()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)


class _EventWakeups:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        self._event.set()

    async def wait(self, timeout: float) -> bool:
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
