"""What clients tell is kept before they are answered, and no more of it than there is room for."""

from __future__ import annotations

import asyncio

import pytest

from pennon.edge.deliveries import LINGER_SECONDS, LONGEST_LINGER, MOST_BYTES, Deliveries
from pennon.errors import NotReady
from pennon.relay.backlog import MemoryBacklog
from pennon.relay.backoff import Backoff
from pennon.relay.postbox import Postbox
from tests.builders.events import Taken, a_custom_event, a_parcel
from tests.builders.origin import Clock
from tests.builders.relay import SHOP

LARGE = a_parcel(*(a_custom_event(text="x" * 1_000) for _ in range(500)))


def deliveries(backlog: MemoryBacklog) -> Deliveries:
    postbox = Postbox(backlog, Taken(), Backoff(lambda: 0.0))
    return Deliveries("edge-1", postbox, Clock())


class TestDeliveries:
    async def test_kept_first(self) -> None:
        """Nobody is answered before what they told is kept."""
        backlog = MemoryBacklog()
        delivering = deliveries(backlog)
        task = asyncio.create_task(delivering.deliver(SHOP, {"custom": a_parcel(a_custom_event())}))
        await asyncio.sleep(0)
        assert (task.done(), backlog.oldest()) == (False, None)
        await delivering.keep()

        await task
        assert backlog.oldest() is not None

    async def test_no_room(self) -> None:
        """Past the bound nobody waits in memory, and there is room again when that was kept."""
        delivering = deliveries(MemoryBacklog())
        tasks: list[asyncio.Task[None]] = []
        refused = 0
        for _ in range(MOST_BYTES // 500_000 + 2):
            tasks.append(asyncio.create_task(delivering.deliver(SHOP, {"custom": LARGE})))
            await asyncio.sleep(0)
        await delivering.keep()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            refused += isinstance(result, NotReady)

        assert 0 < refused < len(tasks)
        task = asyncio.create_task(delivering.deliver(SHOP, {"custom": LARGE}))
        await asyncio.sleep(0)
        await delivering.keep()
        await task

    async def test_linger(self) -> None:
        """The more waits to be sent, the more is written at once."""
        backlog, slept = MemoryBacklog(), list[float]()
        postbox = Postbox(backlog, Taken(), Backoff(lambda: 0.0))

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        delivering = Deliveries("edge-1", postbox, Clock(), sleep=sleep)
        task = asyncio.create_task(delivering.run())
        for _ in range(30):
            await delivering.deliver(SHOP, {"custom": a_parcel(a_custom_event())})
        task.cancel()

        assert (slept[0], slept[-1]) == (LINGER_SECONDS, LONGEST_LINGER)
        assert slept == sorted(slept)
        assert backlog.waiting == 30

    async def test_given_up(self) -> None:
        """Who is cut off in the midst of it is asked to come back."""
        delivering = deliveries(MemoryBacklog())
        task = asyncio.create_task(delivering.deliver(SHOP, {"custom": LARGE}))
        await asyncio.sleep(0)
        keeping = asyncio.create_task(delivering.keep())
        await asyncio.sleep(0)
        keeping.cancel()

        with pytest.raises(NotReady):
            await task
