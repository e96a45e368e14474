"""One follower's stream: what it lacks, heartbeats, comments, and a goodbye."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Mapping
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
        backlog: bytes = b"",
    ) -> AsyncGenerator[bytes]:
        """
        Yield what the follower lacks after *backlog*, and all that happens until it may not know.

        It ends when the key is revoked, when its environments change, or with a `goodbye` when
        the node drains.
        """
        tail = Tail(cursors, replicas)
        with self.fanout.seat(cursors) as wake:
            yield COMMENT + backlog + self._heartbeats(tail, only_silent=True) + tail.pull()
            heartbeat_at = self.clock() + self.settings.heartbeat_seconds
            while True:
                woken = await _wait(wake, self.settings.comment_seconds)
                if self.fanout.draining:
                    yield self._goodbye()
                    return
                if not self.keys.still_valid(key):
                    return
                chunk = tail.pull()
                if self.clock() >= heartbeat_at:
                    heartbeat_at = self.clock() + self.settings.heartbeat_seconds
                    chunk += self._heartbeats(tail)
                if chunk or not woken:
                    yield chunk or COMMENT

    def _heartbeats(self, tail: Tail, *, only_silent: bool = False) -> bytes:
        return tail.heartbeats(
            self.keys.now_ms(),
            fresh=lambda environment: self.freshness.stale_ms(environment) is None,
            only_silent=only_silent,
        )

    def _goodbye(self) -> bytes:
        wait = Goodbye(retry_after_ms=int(self.random() * GOODBYE_WINDOW_MS))
        return format_event("goodbye", _encode(wait))


async def _wait(wake: asyncio.Event, seconds: float) -> bool:
    """Return True once *wake* is set, False when that took too long."""
    try:
        async with asyncio.timeout(seconds):
            await wake.wait()
    except TimeoutError:
        return False
    wake.clear()
    return True
