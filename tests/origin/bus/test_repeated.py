"""Wake-ups for those who read a replica."""

from __future__ import annotations

import asyncio

from pennon.origin.bus.memory import MemoryBus
from pennon.origin.bus.repeated import RepeatedBus


class TestRepeatedBus:
    async def test_each_wake_up_comes_again(self) -> None:
        """Who is woken is woken some more, soon, and then left alone."""
        bus = RepeatedBus(MemoryBus(), pauses=(0.001, 0.002))
        with bus.subscribe() as wakeups:
            await bus.notify([])
            async with asyncio.timeout(5):
                woken = [await wakeups.wait(60) for _ in range(3)]

            assert woken == [True, True, True]
            assert not await wakeups.wait(0)

    async def test_the_tick_stays(self) -> None:
        """Where nobody is woken there is nothing to repeat."""
        with RepeatedBus(MemoryBus()).subscribe() as wakeups:
            assert not await wakeups.wait(0)
            assert not await wakeups.wait(0)
