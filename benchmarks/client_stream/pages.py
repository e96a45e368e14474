"""
All pages in one light process: sockets that note when a version has arrived, and little else.

    python -m benchmarks.client_stream.pages URL KEY PAGES CONTEXTS

It says how many hold their streams. Order: `arrivals VERSION` answers when each had that version.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
from collections import defaultdict
from typing import cast
from urllib.parse import urlsplit

import uvloop

from benchmarks.fanout.orders import orders, say
from pennon.edge.client_stream.streams import CLIENT_STREAM_PATH
from pennon.web.process import open_more_files

AT_ONCE = 100
PATIENCE = 60.0


class Pages:
    """What the pages share: what has arrived."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.arrivals: defaultdict[int, list[float]] = defaultdict(list)
        self.told = 0
        self.moved = asyncio.Event()

    def note(self, version: int) -> None:
        self.arrivals[version].append(time.monotonic())
        if len(self.arrivals[version]) >= self.count:
            self.moved.set()

    async def arrived(self, version: int) -> list[float]:
        async with asyncio.timeout(PATIENCE):
            while len(self.arrivals[version]) < self.count:
                self.moved.clear()
                await self.moved.wait()
        return self.arrivals.pop(version)


class Page(asyncio.Protocol):
    """One page, which holds its stream."""

    def __init__(self, pages: Pages, request: bytes) -> None:
        self._pages, self._request = pages, request
        self.told = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        start = data.rfind(b'"version":"v')
        if start >= 0:
            version = int(data[start + 12 : data.index(b'"', start + 12)])
            self.told.set()
            self._pages.note(version)


def request_of(key: str, context: int) -> bytes:
    plan = ("free", "pro", "team")[context % 3]
    body = json.dumps(
        {"context": {"targetingKey": f"user-{context}", "plan": plan, "country": "NO", "age": 30}}
    )
    return (
        f"POST {CLIENT_STREAM_PATH} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\n"
        f"Accept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def main(url: str, key: str, count: int, contexts: int) -> None:
    """Connect, and obey until there are no more orders."""
    open_more_files()
    parts = urlsplit(url)
    pages = Pages(count)
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        page = Page(pages, request_of(key, number % contexts))
        async with turns:
            await asyncio.get_running_loop().create_connection(
                lambda: page, str(parts.hostname), int(parts.port or 0), family=socket.AF_INET
            )
            await page.told.wait()

    await asyncio.gather(*map(one, range(count)))
    say(count)
    async for order in orders():
        say(await pages.arrived(int(order[1])))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
