"""A parent on a real socket that says what a test says, and a real follower of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

import httpx2

from pennon.relay.follower import Follower
from pennon.relay.parents import Parent, Parents
from pennon.relay.upstream import SseUpstream
from tests.builders.relay import SHOP, Clock, a_secret

STAGING = "shop/staging"
IDLE_SECONDS = 0.3
"""How long the follower waits for a byte before it takes the connection for dead."""
PATIENCE = 10.0


class Line:
    """One stream that a follower has opened: what it asked for, and what it is told."""

    def __init__(self, target: str, writer: asyncio.StreamWriter) -> None:
        asked = [value for name, value in parse_qsl(urlsplit(target).query)]
        self.asked = {name: at or None for name, _, at in (each.partition("@") for each in asked)}
        self._writer = writer

    def say(self, *events: bytes) -> None:
        """Send *events* as they are."""
        body = b"".join(events)
        self._writer.write(b"%x\r\n%b\r\n" % (len(body), body))

    def close(self) -> None:
        """Cut the connection."""
        self._writer.close()


class SocketParent:
    """Takes streams and hands each to the test; `url` is where it listens."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[Line] = asyncio.Queue()
        self._open: list[asyncio.StreamWriter] = []
        self.url = ""

    async def line(self) -> Line:
        """Return the next stream that the follower opens."""
        async with asyncio.timeout(PATIENCE):
            return await self._lines.get()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.append(writer)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
        writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
        self._lines.put_nowait(Line(head.split()[1], writer))

    async def close(self) -> None:
        """Cut every connection."""
        for writer in self._open:
            writer.close()
        await asyncio.gather(*(each.wait_closed() for each in self._open), return_exceptions=True)


class Followed(Follower):
    """A follower of the shop and of staging, whose clocks tests move."""

    def __init__(self, source: Parents, clock: Clock, wall: Clock) -> None:
        self.clock, self.wall = clock, wall
        super().__init__(source, lambda access: [SHOP, STAGING], clock=clock, wall=wall)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once *holds*."""
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110  # whatever it is, nobody sets an event for it
                await asyncio.sleep(0.001)

    async def until_at(self, version: int, environment: str = SHOP) -> None:
        """Return once *environment* stands at *version*."""
        await self.until(lambda: self.version(environment) == version)

    def version(self, environment: str = SHOP) -> int | None:
        """Return the version held."""
        position = self.replicas.open(environment).position
        return position.version if position else None

    def alarmed(self) -> set[str]:
        """Return the alarms of the shop."""
        return {alarm for environment, alarm in self.alarms if environment == SHOP}


@asynccontextmanager
async def followed() -> AsyncIterator[tuple[SocketParent, Followed]]:
    """Give a parent on a socket and a follower of it, for the length of a block."""
    parent = SocketParent()
    server = await asyncio.start_server(parent.serve, "127.0.0.1", 0)
    parent.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def is_healthy() -> bool:
        return True

    async with server, httpx2.AsyncClient() as client:
        upstream = SseUpstream(client, parent.url, a_secret(), idle_seconds=IDLE_SECONDS)
        parents = Parents([Parent(parent.url, upstream, is_healthy)])
        follower = Followed(parents, Clock(1000.0), Clock(2_000_000.0))
        try:
            async with follower:
                yield parent, follower
        finally:
            await parent.close()
