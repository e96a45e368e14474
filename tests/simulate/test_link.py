"""A link may be slow, lossy, silent or cut, but never changes a byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

import pytest

from pennon.simulate.link import Link
from pennon.simulate.scenario import Conditions

PERFECT = Conditions()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(4096):
            writer.write(data)
    writer.close()


@asynccontextmanager
async def a_link(conditions: Conditions = PERFECT) -> AsyncIterator[tuple[Link, int]]:
    """Give a link to a server that sends back what it is sent, and the link's port."""
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    link = Link("127.0.0.1", server.sockets[0].getsockname()[1], conditions, Random(1))
    await link.start()
    try:
        yield link, int(link.url.rpartition(":")[2])
    finally:
        await link.stop()
        server.close()


class TestCarrying:
    """What goes in comes out."""

    @pytest.mark.parametrize(
        "conditions",
        [PERFECT, Conditions(delay_ms=5, jitter_ms=20), Conditions(loss=0.2)],
        ids=["perfect", "jitter", "loss"],
    )
    async def test_bytes_arrive_in_order(self, conditions: Conditions) -> None:
        """Jitter and loss delay; TCP lets nothing overtake."""
        sent = Random(2).randbytes(20_000)
        async with a_link(conditions) as (link, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for start in range(0, len(sent), 5_000):
                writer.write(sent[start : start + 5_000])
                await writer.drain()
            came = await reader.readexactly(len(sent))
            writer.close()

            assert came == sent
            assert link.carried == len(sent)

    async def test_an_end_is_passed_on(self) -> None:
        """A side that is done ends the other."""
        async with a_link() as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"last words")
            assert await reader.readexactly(10) == b"last words"
            writer.write_eof()

            assert await reader.read() == b""
            writer.close()


class TestDisturbing:
    """`partition` and `cut`."""

    async def test_a_partition_is_silent_and_loses_nothing(self) -> None:
        """Both ends stay connected; what was sent arrives when it is over."""
        async with a_link() as (link, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"before")
            await reader.readexactly(6)
            link.partition(True)
            writer.write(b"during")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(6), 0.1)
            link.partition(False)

            assert await reader.readexactly(6) == b"during"
            writer.close()

    async def test_a_cut_resets_all_and_refuses_more(self) -> None:
        """Until it is over, when a new connection works."""
        async with a_link() as (link, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"before")
            await reader.readexactly(6)
            link.cut(True)
            refused, refused_writer = await asyncio.open_connection("127.0.0.1", port)
            ends = [await _end_of(reader), await _end_of(refused)]
            refused_writer.close()
            link.cut(False)
            again, writer_again = await asyncio.open_connection("127.0.0.1", port)
            writer_again.write(b"after")

            assert ends == [b"", b""]
            assert await again.readexactly(5) == b"after"
            writer.close()
            writer_again.close()


async def _end_of(reader: asyncio.StreamReader) -> bytes:
    """Return what is read up to the end, be it orderly or a reset."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""
