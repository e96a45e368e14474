"""A process of the fleet: some hundred PoPs on one event loop, told what to do over its input."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from random import Random

import httpx2
import msgspec
import uvloop

from pennon.simulate import orders
from pennon.simulate.pop import SimulatedPop

# Made once: reading the machine's certificates takes longer than all else that a client does.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

_START_SECONDS = 2.0
"""Over how long the PoPs of a process come up."""


async def main() -> None:
    """Run the fleet that the first line of input names, until told to finish."""
    lines = _lines()
    fleet = msgspec.json.decode(await anext(lines), type=orders.Fleet)
    received = _Received()
    async with AsyncExitStack() as ends:
        pops = {}
        for pop in fleet.pops:
            # A client each: one pool for all looks through every connection at every request.
            client = httpx2.AsyncClient(transport=_Counting(received))
            await ends.enter_async_context(client)
            pops[pop.name] = SimulatedPop(pop, fleet, client)
        await _start(pops.values())
        _say("ready")
        slow: set[asyncio.Task[None]] = set()
        async for line in lines:
            match msgspec.json.decode(line, type=orders.Order):
                case orders.Slow(names, seconds):
                    slow |= {asyncio.create_task(pops[name].slow(seconds)) for name in names}
                case orders.Restart(names, cold):
                    for name in names:
                        await pops[name].restart(cold=cold)
                case orders.Stand():
                    _say([pop.standing() for pop in pops.values()])
                case orders.Finish():
                    break
        for task in slow:
            task.cancel()
        await asyncio.gather(*(pop.stop() for pop in pops.values()))
        notes = [pop.notes() for pop in pops.values()]
        _say(orders.FleetNotes(notes, received.bytes))


async def _start(pops: Iterable[SimulatedPop]) -> None:
    """Start every PoP at its own moment, and return once all hold the environment."""
    random = Random(0)

    async def one(pop: SimulatedPop) -> None:
        await asyncio.sleep(random.random() * _START_SECONDS)
        await pop.start()
        await pop.until_ready()

    await asyncio.gather(*map(one, pops))


async def _lines() -> AsyncIterator[bytes]:
    """Yield the lines of input as they come."""
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line


def _say(what: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


class _Received:
    """How many bytes all PoPs of this process have read."""

    bytes = 0


class _Counting(httpx2.AsyncHTTPTransport):
    """Counts the bytes of every answer's body."""

    def __init__(self, received: _Received) -> None:
        super().__init__(verify=_NO_TLS)
        self._received = received

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _CountedStream(response.stream, self._received)
        return response


class _CountedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, received: _Received) -> None:
        self._stream, self._received = stream, received

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._received.bytes += len(chunk)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


if __name__ == "__main__":
    uvloop.run(main())
