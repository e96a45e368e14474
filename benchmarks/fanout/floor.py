"""
The floor: a loop of `transport.write` over as many sockets, with nothing in between.

    python -m benchmarks.fanout.floor SIZE

It obeys what the hub does, and pushes SIZE bytes for a change.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import cast

import uvloop

from benchmarks.fanout.orders import orders, say
from benchmarks.fanout.usage import Meter
from pennon.web import server
from pennon.web.process import open_more_files

_GREETING = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: heartbeat\n\n"


class _Socket(asyncio.Protocol):
    def __init__(self, transports: set[asyncio.Transport]) -> None:
        self._transports = transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transports.add(self._transport)
        self._transport.write(_GREETING)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transports.discard(self._transport)


async def main(size: int) -> None:
    """Serve and obey until there are no more orders."""
    open_more_files()
    meter = Meter()
    transports: set[asyncio.Transport] = set()
    bound = server.bind("127.0.0.1", 0)
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: _Socket(transports), sock=bound, backlog=2048)
    say({"url": server.url_of(bound), "key": ""})
    version = 0
    async for order in orders():
        if order != ["change"]:
            say(meter.read())
            continue
        version += 1
        frame = b"event: flag_update\nid: 0.%d\ndata: " % version
        frame += b"x" * (size - len(frame) - 2) + b"\n\n"
        applied = time.monotonic()
        for transport in transports:
            transport.write(frame)
        say({"version": version, "applied": applied, "size": size})


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
