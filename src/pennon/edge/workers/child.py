"""One worker process, as its supervisor sees it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable, Sequence

from pennon.edge.workers.channel import (
    Channel,
    Collect,
    Collected,
    FromWorker,
    Gather,
    Gathered,
    Leaving,
    Ping,
    Pong,
    Ready,
    Serve,
    to_worker,
)
from pennon.edge.workers.employed import Employed
from pennon.edge.workers.families import Family
from pennon.edge.workers.questions import Questions
from pennon.edge.workers.seat import Seat


class Child:
    """See `Employed`. *moved* is called whenever it is ready, or has left."""

    def __init__(
        self,
        seat: Seat,
        process: asyncio.subprocess.Process,
        channel: Channel[FromWorker],
        moved: Callable[[], None],
    ) -> None:
        self.name = seat.name
        self.environments: tuple[str, ...] = ()
        self.left = asyncio.Event()
        self._settled = asyncio.Event()  # ready, or never to be
        self._answered = asyncio.Event()
        self._process, self._channel, self._moved = process, channel, moved
        self._ready_since: float | None = None
        self._doors: tuple[int, ...] = ()
        self._questions = Questions[tuple[Family, ...]]()

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        index: int,
        doors: Sequence[socket.socket],
        moved: Callable[[], None],
    ) -> Child:
        """Start *command* as worker *index*. Raises OSError."""
        ours, theirs = socket.socketpair()
        seat = Seat(
            index=index, doors=tuple(door.fileno() for door in doors), control=theirs.fileno()
        )
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    env=os.environ | seat.variable(),
                    pass_fds=(*seat.doors, seat.control),
                )
            except BaseException:
                ours.close()
                raise
        return cls(seat, process, await to_worker(ours), moved)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def code(self) -> int | None:
        return self._process.returncode

    @property
    def ready(self) -> bool:
        return self._ready_since is not None and not self.left.is_set()

    @property
    def served_seconds(self) -> float:
        return 0.0 if self._ready_since is None else time.monotonic() - self._ready_since

    async def attend(self, gather: Callable[[Employed, int], object]) -> None:
        async for message in self._channel.messages():
            match message:
                case Ready(environments):
                    self.environments = environments
                    self._ready_since = time.monotonic()
                    self._settled.set()
                case Leaving():
                    self.left.set()
                case Collected(number, families):
                    self._questions.answer(number, families)
                    continue
                case Gather(number):
                    gather(self, number)
                    continue
                case Pong():
                    self._answered.set()
                    continue
            self._moved()
        await self._process.wait()
        self._channel.close()
        self.left.set()
        self._settled.set()
        self._moved()

    async def until_ready(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._settled.wait()
        except TimeoutError:
            return False
        return self.ready

    def serve(self, doors: tuple[int, ...]) -> None:
        if doors != self._doors:
            self._doors = doors
            self._channel.send(Serve(doors))

    async def answers(self, seconds: float) -> bool:
        self._answered.clear()
        self._channel.send(Ping())
        try:
            async with asyncio.timeout(seconds):
                return await self._answered.wait()
        except TimeoutError:
            return False

    async def collect(self, seconds: float) -> tuple[Family, ...] | None:
        return await self._questions.ask(
            lambda number: self._channel.send(Collect(number)), seconds
        )

    def tell(self, gathered: Gathered) -> None:
        self._channel.send(gathered)

    def terminate(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
