"""
A link that misbehaves: a TCP relay with delay, jitter, loss, partitions and cuts.

It carries bytes, not packets, so a lost packet shows as TCP would show it: all that follows waits
until it was sent again. What is in flight is bounded, so that a slow reader is felt by the sender.
"""

from __future__ import annotations

import asyncio
import contextlib
from random import Random
from typing import Final

from pennon.simulate.scenario import Conditions

PACKET_BYTES: Final = 1448
"""What one packet carries on an Ethernet path."""
RESEND_SECONDS: Final = 0.2
"""The least time after which TCP sends again what nobody acknowledged."""
_IN_FLIGHT: Final = 64
_READ_BYTES: Final = 64 * 1024


class Link:
    """Relays every connection to *host* and *port*; one object a link, its state changed live."""

    def __init__(self, host: str, port: int, conditions: Conditions, random: Random) -> None:
        self._host, self._port, self._random = host, port, random
        self.conditions = conditions
        self.is_cut = False
        self.prefix: tuple[str, ...] = ()
        """What to start a process with that is on the far side: nothing, all are on one side."""
        self.url = ""
        """The address to use instead of the target's, once it has started."""
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._connections: set[asyncio.Task[None]] = set()
        self.carried = 0
        """Bytes carried towards the followers."""

    async def start(self) -> None:
        """Listen at a free port beside the target's."""
        self._server = await asyncio.start_server(self._connected, self._host, 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://{self._host}:{port}"

    async def stop(self) -> None:
        """End every connection and listen no more."""
        if self._server is not None:
            self._server.close()
        self._abort_all()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def partition(self, on: bool) -> None:
        """Swallow nothing and deliver nothing while *on*: both ends believe in the other."""
        if on:
            self._open.clear()
        else:
            self._open.set()

    def cut(self, on: bool) -> None:
        """Reset every connection, and each new one while *on*."""
        self.is_cut = on
        if on:
            self._abort_all()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        try:
            await self._open.wait()
            if self.is_cut:
                return
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        except OSError:
            return
        else:
            self._ends.add(far_writer)
            try:
                await self._both_ways((reader, writer), (far_reader, far_writer))
            finally:
                self._drop(far_writer)
        finally:
            self._drop(writer)

    async def _both_ways(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Relay until either end is gone, as a connection ends as a whole here."""
        ways = [
            asyncio.create_task(self._way(near[0], far[1], down=False)),
            asyncio.create_task(self._way(far[0], near[1], down=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _way(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, down: bool
    ) -> None:
        flight: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_IN_FLIGHT)
        landing = asyncio.create_task(self._land(flight, writer))
        try:
            with contextlib.suppress(OSError):
                arrives = 0.0
                while data := await reader.read(_READ_BYTES):
                    now = asyncio.get_running_loop().time()
                    arrives = max(arrives, now + self._takes(len(data)))
                    if down:
                        self.carried += len(data)
                    await flight.put((arrives, data))
            await flight.put((0.0, b""))
            await landing
        finally:
            landing.cancel()

    async def _land(
        self, flight: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                arrives, data = await flight.get()
                if not data:
                    return
                if (wait := arrives - loop.time()) > 0:
                    await asyncio.sleep(wait)
                await self._open.wait()
                writer.write(data)
                await writer.drain()

    def _takes(self, size: int) -> float:
        """Return the seconds that *size* bytes take, those to send a lost packet again included."""
        here = self.conditions
        takes = (here.delay_ms + here.jitter_ms * self._random.random()) / 1000
        if not here.loss:
            return takes
        for _ in range(-(-size // PACKET_BYTES)):
            resend = max(RESEND_SECONDS, 2 * here.delay_ms / 1000)
            while self._random.random() < here.loss:
                takes += resend
                resend *= 2
        return takes

    def _abort_all(self) -> None:
        for writer in tuple(self._ends):
            self._drop(writer)

    def _drop(self, writer: asyncio.StreamWriter) -> None:
        self._ends.discard(writer)
        writer.transport.abort()
