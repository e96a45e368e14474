"""A worker's line to its supervisor: it is told where to accept, and asked for its metrics."""

from __future__ import annotations

from collections.abc import Callable
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
from pennon.edge.workers.questions import Questions

_PATIENCE_SECONDS: Final = 3.0


class Line:
    """Does what the supervisor says."""

    def __init__(self, channel: Channel[FromSupervisor]) -> None:
        self._channel = channel
        self._questions = Questions[Gathered]()

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
                    self._questions.answer(number, message)

    def ready(self, environments: tuple[str, ...]) -> None:
        """Say that *environments* can be served from now on."""
        self._channel.send(Ready(environments))

    def leaving(self) -> None:
        """Say that this worker stops."""
        self._channel.send(Leaving())

    async def gather(self) -> Gathered | None:
        """Return the metrics of all workers, or None when the supervisor does not answer."""
        return await self._questions.ask(
            lambda number: self._channel.send(Gather(number)), _PATIENCE_SECONDS
        )
