"""The bus of a single process."""

from __future__ import annotations

import asyncio

from pennon.origin.bus.memory import MemoryBus


class TestMemoryBus:
    async def test_wakes_a_listener_that_waits(self) -> None:
        """A notification ends the wait."""
        bus = MemoryBus()
        with bus.subscribe() as wakeups:
            waiting = asyncio.create_task(wakeups.wait(60))
            await asyncio.sleep(0)
            await bus.notify(["shop/production"])

            assert await waiting

    async def test_a_wake_up_between_two_waits_is_kept(self) -> None:
        """Who was busy when it came finds it at the next wait."""
        bus = MemoryBus()
        with bus.subscribe() as wakeups:
            await bus.notify(["shop/production"])

            assert await wakeups.wait(60)

    async def test_many_wake_ups_are_one(self) -> None:
        """The bus says that something moved, not how often."""
        bus = MemoryBus()
        with bus.subscribe() as wakeups:
            await bus.notify(["shop/production"])
            await bus.notify(["shop/staging"])
            first, second = await wakeups.wait(60), await wakeups.wait(0)

        assert (first, second) == (True, False)

    async def test_every_listener_is_woken(self) -> None:
        """One listener does not take another's wake-up."""
        bus = MemoryBus()
        with bus.subscribe() as one, bus.subscribe() as two:
            await bus.notify(["shop/production"])

            assert await one.wait(60)
            assert await two.wait(60)
