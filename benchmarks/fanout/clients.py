"""
All followers in one light process: sockets that note when a change has arrived, and little else.

    python -m benchmarks.fanout.clients URL KEY COUNT

It says how many are connected. Orders: `arrivals VERSION` answers when each had that version;
`storm` drops every connection at once and answers how they came back.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import sys
import time
from collections import Counter, defaultdict
from typing import cast
from urllib.parse import quote, urlsplit

import uvloop

from benchmarks.fanout.orders import orders, say
from pennon.relay.backoff import Backoff
from pennon.web.process import open_more_files

ENVIRONMENT = "shop/production"
AT_ONCE = 100
"""How many connect at the same time, except in a storm."""
PATIENCE = 60.0
_RESET = struct.pack("ii", 1, 0)


class Fleet:
    """What the followers share: whom they follow, and what came of it."""

    def __init__(self, url: str, key: str, count: int) -> None:
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 0)
        self.key = key
        self.followers = [Follower(self) for _ in range(count)]
        self.connected = 0
        self.moved = asyncio.Event()
        self.arrivals: defaultdict[int, list[float]] = defaultdict(list)
        self.answers: Counter[str] = Counter()
        self.waits: list[float] = []

    async def connect(self) -> None:
        """Connect all, some at a time."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(follower: Follower) -> None:
            async with turns:
                await follower.connect()

        await asyncio.gather(*map(one, self.followers))
        await self._until(lambda: self.connected == len(self.followers))

    async def arrived(self, version: int) -> list[float]:
        """Return when each follower had *version*, once all have it."""
        await self._until(lambda: len(self.arrivals[version]) >= len(self.followers))
        return self.arrivals.pop(version)

    async def storm(self) -> dict[str, object]:
        """Drop all at once, and return how long it took until all were back."""
        self.answers.clear()
        self.waits.clear()
        started = time.monotonic()
        for follower in self.followers:
            follower.drop()
        dropped = time.monotonic() - started
        await self._until(lambda: self.connected == len(self.followers))
        return {
            "back": sorted(at - started for at in self.waits),
            "dropped": dropped,
            "answers": dict(self.answers),
        }

    async def _until(self, holds: object) -> None:
        assert callable(holds)
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self.moved.clear()
                await self.moved.wait()


class Follower(asyncio.Protocol):
    """One follower: it asks with its position, and comes back as a node would."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._backoff = Backoff(random.random)
        self._position = ""
        self._greeted = False
        self._dropped = False
        self._retry_after = 0.0
        self._transport: asyncio.Transport | None = None

    async def connect(self) -> None:
        fleet = self._fleet
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: self, fleet.host, fleet.port, family=socket.AF_INET
            )
        except OSError as error:
            fleet.answers[type(error).__name__] += 1
            self._come_back()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._greeted = self._dropped = False
        at = f"@{self._position}" if self._position else ""
        query = f"environment={quote(ENVIRONMENT)}{at}"
        self._transport.write(
            f"GET /sync/v1/stream?{query} HTTP/1.1\r\nHost: {self._fleet.host}\r\n"
            f"Authorization: Bearer {self._fleet.key}\r\nAccept: text/event-stream\r\n"
            "Accept-Encoding: identity\r\nUser-Agent: pennon\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if not self._greeted:
            self._meet(data, now)
        start = data.rfind(b"\nid: ")
        if start < 0:
            return
        position = data[start + 5 : data.index(b"\n", start + 5)]
        self._position = position.decode()
        if b"event: flag_update" in data:
            arrivals = self._fleet.arrivals[int(position.rpartition(b".")[2])]
            arrivals.append(now)
            if len(arrivals) >= len(self._fleet.followers):
                self._fleet.moved.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self._dropped and self._greeted:
            self._fleet.connected -= 1
        if not self._dropped and not self._retry_after:
            self._fleet.answers["cut off"] += 1
        self._come_back()

    def drop(self) -> None:
        """Reset the connection, as a failed link does to all at once."""
        if self._transport is not None:
            self._dropped = True
            self._fleet.connected -= self._greeted
            end = self._transport.get_extra_info("socket")
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()

    def _meet(self, data: bytes, now: float) -> None:
        fleet = self._fleet
        status = data[9:12].decode()
        fleet.answers[status] += 1
        if status == "200":
            self._greeted = True
            self._backoff.reset()
            self._retry_after = 0.0
            fleet.connected += 1
            fleet.waits.append(now)
            if fleet.connected == len(fleet.followers):
                fleet.moved.set()
        elif self._transport is not None:
            _, found, after = data.partition(b"retry-after: ")
            if not found:
                fleet.answers[f"{status} without Retry-After"] += 1
            self._retry_after = float(after.partition(b"\r")[0] or 1)
            self._transport.close()

    def _come_back(self) -> None:
        loop = asyncio.get_running_loop()
        wait = self._retry_after + self._backoff.next()
        loop.call_later(wait, lambda: loop.create_task(self.connect()))


async def main(url: str, key: str, count: int) -> None:
    """Connect, and obey until there are no more orders."""
    open_more_files()
    fleet = Fleet(url, key, count)
    await fleet.connect()
    say(fleet.connected)
    async for order in orders():
        match order:
            case ["arrivals", version]:
                say(await fleet.arrived(int(version)))
            case ["storm"]:
                say(await fleet.storm())


if __name__ == "__main__":
    parent, relay_key, number = sys.argv[1:]
    uvloop.run(main(parent, relay_key, int(number)))
