"""A worker's line to its supervisor: it is told where to accept, and asked for its metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Final

from pennon.edge.workers.channel import (
    Channel,
    Collect,
    Collected,
    FromSupervisor,
    Gather,
    Gathered,
    Leaving,
    Ping,
    Pong,
    Ready,
    Serve,
)
from pennon.edge.workers.entrance import Entrance
from pennon.edge.workers.families import Family

_PATIENCE_SECONDS: Final = 3.0


class Line:
    """Does what the supervisor says."""

    def __init__(self, channel: Channel[FromSupervisor]) -> None:
        self._channel = channel
        self._numbers = count()
        self._asked: dict[int, asyncio.Future[Gathered]] = {}

    async def run(self, entrance: Entrance, families: Callable[[], tuple[Family, ...]]) -> None:
        """Listen to the supervisor until it is gone; *families* returns the worker's metrics."""
        async for message in self._channel.messages():
            match message:
                case Serve(doors):
                    await entrance.accept_at(doors)
                case Ping():
                    self._channel.send(Pong())
                case Collect(number):
                    self._channel.send(Collected(number, families()))
                case Gathered(number):
                    asked = self._asked.get(number)
                    if asked is not None and not asked.done():
                        asked.set_result(message)

    def ready(self, environments: tuple[str, ...]) -> None:
        """Say that *environments* can be served from now on."""
        self._channel.send(Ready(environments))

    def leaving(self) -> None:
        """Say that this worker stops."""
        self._channel.send(Leaving())

    async def gather(self) -> Gathered | None:
        """Return the metrics of all workers, or None when the supervisor does not answer."""
        number = next(self._numbers)
        asked: asyncio.Future[Gathered] = asyncio.get_running_loop().create_future()
        self._asked[number] = asked
        self._channel.send(Gather(number))
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await asked
        except TimeoutError:
            return None
        finally:
            del self._asked[number]
