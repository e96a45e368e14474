"""One follower's stream: what it lacks, heartbeats, comments, and a goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from pennon.model.access import AccessKey
from pennon.model.messages import Goodbye
from pennon.model.position import Position
from pennon.relay.freshness import Freshness
from pennon.relay.replica import Replica
from pennon.relay.sse import COMMENT, format_event
from pennon.relay.tail import Tail
from pennon.web.auth import Keys
from pennon.web.fanout import Fanout
from pennon.web.settings import NodeSettings

_encode = msgspec.json.Encoder().encode

GOODBYE_WINDOW_MS = 2000
"""Over how long the followers of a draining node are spread when they come back."""
PIECE_BYTES = 64 * 1024
"""The most that is handed to the server at once."""


@dataclass(frozen=True)
class Streams:
    """What all streams of a node share."""

    keys: Keys
    fanout: Fanout
    freshness: Freshness
    settings: NodeSettings
    clock: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random

    async def follow(
        self,
        key: AccessKey,
        cursors: Mapping[str, Position | None],
        replicas: list[Replica],
        backlog: Sequence[bytes] = (),
    ) -> AsyncGenerator[bytes]:
        """
        Yield what the follower lacks after *backlog*, and all that happens until it may not know.

        It ends when the key is revoked, when its environments change, when the node follows one
        of them no longer, or with a `goodbye` when the node drains.
        """
        tail = Tail(cursors, replicas)
        with self.fanout.seat(cursors) as wake:
            greeting = [COMMENT, *backlog, self._heartbeats(tail, only_silent=True), *tail.pull()]
            for piece in pieces(greeting):
                yield piece
            spoke_at = told_at = self.clock()
            while True:
                comment_at = spoke_at + self.settings.comment_seconds
                heartbeat_at = told_at + self.settings.heartbeat_seconds
                await _wait(wake, min(comment_at, heartbeat_at) - self.clock())
                if self.fanout.draining:
                    yield self._goodbye()
                    return
                if not self.keys.still_valid(key):
                    return
                news = tail.pull()
                if any(replica.forgotten for replica in replicas):
                    # `$access` says why, and the follower comes back without waiting to be asked.
                    for piece in pieces(news):
                        yield piece
                    return
                if self.clock() >= heartbeat_at:
                    news.append(self._heartbeats(tail))
                    told_at = self.clock()
                if not any(news) and self.clock() >= comment_at:
                    news.append(COMMENT)
                for piece in pieces(news):
                    yield piece
                    spoke_at = self.clock()

    def _heartbeats(self, tail: Tail, *, only_silent: bool = False) -> bytes:
        return tail.heartbeats(
            self.keys.now_ms(),
            fresh=lambda environment: self.freshness.stale_ms(environment) is None,
            only_silent=only_silent,
        )

    def _goodbye(self) -> bytes:
        wait = Goodbye(retry_after_ms=int(self.random() * GOODBYE_WINDOW_MS))
        return format_event("goodbye", _encode(wait))


def pieces(events: Iterable[bytes]) -> Iterator[bytes]:
    """
    Yield *events* in pieces of a size that a server may hold for one slow follower.

    A whole environment may have megabytes; every follower is sent from the same object, and a
    server that waits for each piece to be taken never holds a copy of its own.
    """
    small: list[bytes] = []
    size = 0
    for event in events:
        if size + len(event) > PIECE_BYTES and small:
            yield b"".join(small)
            small, size = [], 0
        if len(event) > PIECE_BYTES:
            for start in range(0, len(event), PIECE_BYTES):
                yield event[start : start + PIECE_BYTES]
        elif event:
            small.append(event)
            size += len(event)
    if small:
        yield b"".join(small)  # of a single event: the very object that all followers are sent


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    """Return once *wake* is set, or so many seconds have passed."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            await wake.wait()
    wake.clear()
