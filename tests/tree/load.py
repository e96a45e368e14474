"""Clients that ask an edge all the time, each in its own way, and count every answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

BODY: Final = b'{"context":{"targetingKey":"ada","plan":"pro"}}'
_PATIENCE: Final = 60.0


@dataclass(frozen=True)
class Habit:
    """How a client goes about it; all times in seconds."""

    name: str
    keeps: bool = True
    """Whether it uses its connection again."""
    before: float = 0.0
    """How long a new connection is silent."""
    dribbles: float = 0.0
    """How long it takes over each part of a request."""
    rests: float = 0.0
    """How long it waits after an answer."""


HABITS: Final = (
    # Not as fast as they can: the workers that start want some of the machine as well.
    *[Habit("kept", rests=0.002)] * 4,
    *[Habit("fresh", keeps=False, rests=0.005)] * 4,
    *[Habit("slow", dribbles=0.3)] * 3,
    *[Habit("late", keeps=False, before=0.4)] * 3,
    *[Habit("resting", rests=0.7)] * 3,
)


@dataclass
class Load:
    """What came of it: answers by habit and status, and all that was no answer."""

    port: int
    key: str
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    last: Counter[str] = field(default_factory=Counter)
    """Answers that were said to be the last of their connection."""
    failures: list[str] = field(default_factory=list)
    refused: int = 0
    """Clients that found nobody listening, and gave up."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def more(self, holds: Callable[[], bool]) -> None:
        """Go on until *holds*."""
        async with asyncio.timeout(_PATIENCE):
            while not holds():  # noqa: ASYNC110  # another process has no event
                await asyncio.sleep(0.05)

    async def run(self, habit: Habit) -> None:
        """Ask until it is over, or nobody listens any more."""
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while not self.over.is_set():
            if line is None or line[0].at_eof():  # as any pool looks before it sends
                _close(line)
                try:
                    line = await asyncio.open_connection("127.0.0.1", self.port)
                except ConnectionRefusedError:
                    self.refused += 1
                    return
                await asyncio.sleep(habit.before)
            try:
                async with asyncio.timeout(_PATIENCE):
                    status, is_last = await self._ask(*line, habit.dribbles)
            except (OSError, EOFError, TimeoutError) as error:
                self.failures.append(f"{habit.name}: {error!r}")
                is_last = True
            else:
                self.answers[habit.name, status] += 1
                self.last[habit.name] += is_last
            if is_last or not habit.keeps:
                _close(line)
                line = None
            await asyncio.sleep(habit.rests)
        _close(line)

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dribbles: float
    ) -> tuple[int, bool]:
        head = (
            f"POST /ofrep/v1/evaluate/flags/new-checkout HTTP/1.1\r\nHost: edge\r\n"
            f"Authorization: Bearer {self.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(BODY)}\r\n\r\n"
        ).encode()
        for part in (head[:40], head[40:], BODY) if dribbles else (head + BODY,):
            writer.write(part)
            await asyncio.sleep(dribbles)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        return int(answer[9:12]), b"connection: close" in answer


@asynccontextmanager
async def under_load(port: int, key: str) -> AsyncIterator[Load]:
    """Have clients of every habit ask for the length of a block."""
    load = Load(port, key)
    async with asyncio.TaskGroup() as clients:
        for habit in HABITS:
            clients.create_task(load.run(habit))
        try:
            yield load
        finally:
            load.over.set()


def _close(line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None) -> None:
    if line is not None:
        line[1].close()
