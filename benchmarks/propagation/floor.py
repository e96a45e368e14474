"""The floor: the same bytes to as many sockets, by a bare event loop with nothing in between."""

from __future__ import annotations

import asyncio
import time
from typing import cast


class _Sink(asyncio.Protocol):
    """Notes when each push of *size* bytes is whole."""

    def __init__(self, size: int) -> None:
        self._size, self._held = size, 0
        self.times: list[float] = []

    def data_received(self, data: bytes) -> None:
        self._held += len(data)
        while self._held >= self._size:
            self._held -= self._size
            self.times.append(time.time() * 1000)


class _Hub(asyncio.Protocol):
    transports: list[asyncio.WriteTransport]

    def __init__(self, transports: list[asyncio.WriteTransport]) -> None:
        self.transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transports.append(cast(asyncio.WriteTransport, transport))


async def fan_out(sockets: int, pushes: int, size: int) -> list[float]:
    """Push *size* bytes to every socket, *pushes* times; return how many ms each one took."""
    loop = asyncio.get_running_loop()
    transports: list[asyncio.WriteTransport] = []
    server = await loop.create_server(lambda: _Hub(transports), "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    ends = [await loop.create_connection(lambda: _Sink(size), *address) for _ in range(sockets)]
    await asyncio.sleep(0.1)
    assert len(transports) == sockets
    started = []
    for _ in range(pushes):
        started.append(time.time() * 1000)
        for transport in transports:
            transport.write(b"x" * size)
        await asyncio.sleep(0.01)
    for transport, _ in ends:
        transport.close()
    server.close()
    return [at - start for _, sink in ends for at, start in zip(sink.times, started, strict=True)]
