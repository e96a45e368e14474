"""
A source that has several parents: it follows the best that can be had.

A move to a better parent is made before the old stream is broken: the new one is opened beside
it, from the positions held by then, and takes over once it has said something. What both say is
known the second time.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pennon.errors import SourceLost
from pennon.model.messages import Contact, Goodbye, Message
from pennon.model.position import Position
from pennon.relay.preference import Preference
from pennon.relay.running import keep_running
from pennon.relay.source import Source

log = logging.getLogger(__name__)

_PROBES_TO_SETTLE: Final = 6
"""How often a preferred parent is looked at before it is moved to."""
_LEAST_PAUSE: Final = 0.5
"""The fewest seconds between two looks, and so for which a new line may be silent."""


@dataclass(frozen=True)
class Parent:
    """One parent: its address, its stream, and a look at its health."""

    url: str
    source: Source
    is_healthy: Callable[[], Awaitable[bool]]

    @property
    def shown(self) -> str:
        """The address as it may be logged and shown: without a name and a password."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


class _Line:
    """One open stream, read by a task of its own into an inbox that it shares."""

    def __init__(
        self, number: int, source: Source, positions: Mapping[str, Position | None], inbox: _Inbox
    ) -> None:
        self.number = number
        self._inbox = inbox
        self._task = asyncio.create_task(self._read(source, positions), name=f"parent-{number}")

    async def _read(self, source: Source, positions: Mapping[str, Position | None]) -> None:
        end: Exception = SourceLost("the source ended")
        try:
            async with aclosing(source.messages(positions)) as messages:
                async for message in messages:
                    await self._inbox.put((self, message))
        except Exception as error:
            end = error
        await self._inbox.put((self, end))

    async def close(self) -> None:
        await _end(self._task)


_Inbox = asyncio.Queue[tuple[_Line | None, Message | Exception | int | None]]
"""What the open lines say; without a line, the number of a better parent if there is one."""


class Parents:
    """
    Follows one of *parents*, which stand in order of preference; see `Preference`.

    A parent that sends no message for *stale_seconds*, though its stream is open, is out of touch
    itself; another that is healthy is then better. `moves` counts changes from one to another;
    `connected` says whether the one that is followed has said something on its stream.
    """

    def __init__(
        self,
        parents: Sequence[Parent],
        *,
        settle: float = 30.0,
        stale_seconds: float = 75.0,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._parents, self._clock, self._random, self._sleep = parents, clock, random, sleep
        self._preference = Preference(len(parents), clock=clock, random=random, settle=settle)
        self._pause = max(settle / _PROBES_TO_SETTLE, _LEAST_PAUSE)
        self._stale_seconds = stale_seconds
        self._spoke_at = clock()
        self._last = 0
        self.moves = 0
        self.connected = False

    @property
    def shown(self) -> dict[str, bool]:
        """The addresses of all parents as they may be shown, and whether each is followed."""
        followed = self._parents[self._last].shown
        return {parent.shown: parent.shown == followed for parent in self._parents}

    @property
    def url(self) -> str:
        """The address of the parent that is followed, or was the last to be."""
        return self._parents[self._last].url

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        """Yield what the followed parent says; see `Source.messages`."""
        inbox: _Inbox = asyncio.Queue(1)
        lines: list[_Line] = []  # the one that is followed, and one that may take its place
        probing = keep_running(lambda: self._probe(inbox), "probe")
        try:
            while True:
                if not lines:
                    lines.append(await self._open_best(positions, inbox))
                line, item = await inbox.get()
                if item is None or isinstance(item, int):
                    await self._consider(item, lines, positions, inbox)
                elif line not in lines:
                    continue  # it was closed with this under way
                elif isinstance(item, (Exception, Goodbye)):
                    was_followed = line is lines[0]
                    lines.remove(line)
                    self.connected = self.connected and not was_followed
                    await line.close()
                    self._lost(line.number, item)
                    if lines and was_followed:
                        self._follow(lines[0].number)
                    elif isinstance(item, Exception) and not lines:
                        self._raise_for_pump(line.number, item)
                elif not isinstance(item, Contact) or line is lines[0]:
                    if line is not lines[0]:
                        await lines.pop(0).close()
                        self._follow(line.number)
                    self.connected = True
                    if not isinstance(item, Contact):
                        self._spoke_at = self._clock()
                    yield item
        finally:
            self.connected = False
            await _end(probing)
            for line in lines:
                await line.close()

    async def _open_best(self, positions: Mapping[str, Position | None], inbox: _Inbox) -> _Line:
        number, wait = self._preference.choose()
        if wait:
            await self._sleep(wait)
        self._follow(number)
        return self._open(number, positions, inbox)

    async def _consider(
        self,
        better: int | None,
        lines: list[_Line],
        positions: Mapping[str, Position | None],
        inbox: _Inbox,
    ) -> None:
        """Open a line to a better parent; give up one that has said nothing since."""
        if len(lines) > 1:
            silent = lines.pop()
            await silent.close()
            self._preference.lost(silent.number)
        elif better is not None and better != lines[0].number:
            lines.append(self._open(better, positions, inbox))

    def _open(self, number: int, positions: Mapping[str, Position | None], inbox: _Inbox) -> _Line:
        return _Line(number, self._parents[number].source, positions, inbox)

    def _follow(self, number: int) -> None:
        self._preference.follow(number)
        self._spoke_at = self._clock()
        if number != self._last:
            self._last = number
            self.moves += 1
            log.warning("parent_changed", extra={"parent": self._parents[number].shown})

    def _lost(self, number: int, end: Exception | Goodbye) -> None:
        """Note that a stream ended, and how."""
        retry_after = None
        if isinstance(end, Goodbye):
            retry_after = end.retry_after_ms / 1000
        elif isinstance(end, SourceLost):
            retry_after = end.retry_after
        self._preference.lost(number, retry_after)
        reason = "goodbye" if isinstance(end, Goodbye) else str(end) or type(end).__name__
        extra = {"parent": self._parents[number].shown, "reason": reason}
        log.warning("source_lost", extra=extra)

    def _raise_for_pump(self, number: int, end: Exception) -> None:
        """Raise what the pump must know of: whatever another parent or a wait does not cure."""
        if not isinstance(end, SourceLost):
            raise end
        if end.refused and not self._preference.has_other(number):
            raise end

    async def _probe(self, inbox: _Inbox) -> None:
        """Look at the health of the parents that might be better, and say when one is."""
        while len(self._parents) > 1:
            await self._sleep(self._pause * (0.75 + self._random() / 2))
            out_of_touch = self._clock() - self._spoke_at > self._stale_seconds
            for number in self._preference.to_probe(out_of_touch=out_of_touch):
                healthy = await self._parents[number].is_healthy()
                self._preference.probed(number, healthy=healthy)
            await inbox.put((None, self._preference.better(out_of_touch=out_of_touch)))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
