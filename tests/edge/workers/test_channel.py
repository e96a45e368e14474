"""Messages between a supervisor and a worker, also of different versions."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from pennon.edge.workers.channel import (
    Channel,
    FromSupervisor,
    FromWorker,
    Gather,
    Ready,
    Serve,
    to_supervisor,
    to_worker,
)


@asynccontextmanager
async def a_pair() -> AsyncIterator[tuple[Channel[FromWorker], Channel[FromSupervisor]]]:
    """Give a supervisor's end and a worker's."""
    ours, theirs = socket.socketpair()
    above, below = await to_worker(ours), await to_supervisor(theirs)
    try:
        yield above, below
    finally:
        above.close()
        below.close()


class TestChannel:
    async def test_both_ways(self) -> None:
        """What one end sends, the other hears, in order."""
        async with a_pair() as (above, below):
            below.send(Ready(("shop/production",)))
            below.send(Gather(7))
            above.send(Serve((0, 1)))
            up, down = above.messages(), below.messages()

            assert [await anext(up), await anext(up)] == [Ready(("shop/production",)), Gather(7)]
            assert await anext(down) == Serve((0, 1))

    async def test_it_ends_with_the_other_end(self) -> None:
        """Who is gone says nothing more, and hears nothing."""
        async with a_pair() as (above, below):
            below.close()

            assert [message async for message in above.messages()] == []
            above.send(Serve(()))

    async def test_what_is_not_known_is_passed_over(self) -> None:
        """A worker of a newer version may say more."""
        ours, theirs = socket.socketpair()
        above = await to_worker(ours)
        unknown = msgspec.msgpack.encode({"type": "sing", "song": 1})
        known = msgspec.msgpack.encode(Gather(7))
        for data in (unknown, known):
            await asyncio.get_running_loop().run_in_executor(
                None, theirs.sendall, len(data).to_bytes(4, "big") + data
            )

        assert await anext(above.messages()) == Gather(7)
        above.close()
        theirs.close()
