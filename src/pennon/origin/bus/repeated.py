"""
The bus of those who read a replica of the database.

A wake-up may be faster than the replica, which has not replayed yet what it was for. So each is
followed by some more, at growing distances.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager
from typing import Final

from pennon.origin.bus import Bus, Listener, Wakeups

PAUSES: Final = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064)
"""A replica lags a few milliseconds as a rule; past these there is the tick."""


class RepeatedBus:
    """Repeats each wake-up of another bus after *pauses*, in seconds."""

    def __init__(self, bus: Bus, pauses: tuple[float, ...] = PAUSES) -> None:
        self._bus, self._pauses = bus, pauses

    async def notify(self, environments: Collection[str]) -> None:
        await self._bus.notify(environments)

    def share(self, piece: bytes) -> None:
        self._bus.share(piece)

    def hear(self, listener: Listener) -> None:
        self._bus.hear(listener)

    @contextmanager
    def subscribe(self) -> Generator[Wakeups]:
        with self._bus.subscribe() as wakeups:
            yield _Repeated(wakeups, self._pauses)


class _Repeated:
    def __init__(self, wakeups: Wakeups, pauses: tuple[float, ...]) -> None:
        self._wakeups, self._pauses = wakeups, pauses
        self._left: Iterator[float] = iter(())

    async def wait(self, timeout: float) -> bool:
        pause = next(self._left, None)
        is_woken = await self._wakeups.wait(timeout if pause is None else min(pause, timeout))
        if is_woken:
            self._left = iter(self._pauses)
        return is_woken or pause is not None
