"""Followers as bare as they can be: a socket, the answer's head, and the messages in it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from pennon.model.messages import Change, Message, Snapshot
from pennon.model.position import Position
from pennon.relay.sse import SseParser
from pennon.relay.upstream import message_of
from pennon.web import server
from pennon.web.bare import BareServer
from pennon.web.bare.limits import Limits
from pennon.web.data_plane import DataPlane, Routed
from tests.builders.relay import SHOP
from tests.builders.web import PATIENCE, RELAY


class Hub:
    """A node's parts on the bare server, and followers of it."""

    def __init__(self, bare: BareServer, bound: socket.socket) -> None:
        self.bare, self._address = bare, bound.getsockname()
        self._ends: list[asyncio.StreamWriter] = []

    async def follow(
        self, position: Position | None = None, *, receive_buffer: int | None = None
    ) -> SocketFollower:
        """Ask for the shop from *position* on; return once the head of the answer is there."""
        end = socket.socket()
        if receive_buffer is not None:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        end.setblocking(False)
        await asyncio.get_running_loop().sock_connect(end, self._address)
        reader, writer = await asyncio.open_connection(sock=end, limit=2**16)
        self._ends.append(writer)
        at = "" if position is None else f"@{position}"
        writer.write(
            f"GET /sync/v1/stream?environment={SHOP}{at} HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {RELAY}\r\n\r\n".encode()
        )
        async with asyncio.timeout(PATIENCE):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return SocketFollower(int(first.split(" ")[1]), headers, reader, writer)

    async def end(self) -> None:
        """Have everybody leave."""
        for writer in self._ends:
            writer.transport.abort()
        await self.bare.drain(PATIENCE)


@asynccontextmanager
async def a_hub(*parts: Routed, limits: Limits | None = None) -> AsyncIterator[Hub]:
    """Serve *parts* for the length of a block."""
    bare = BareServer(DataPlane(*parts).answer, limits)
    bound = server.bind("127.0.0.1", 0)
    async with bare.listening(bound):
        hub = Hub(bare, bound)
        try:
            yield hub
        finally:
            await hub.end()


class SocketFollower:
    """One follower's end of a stream."""

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.status, self.headers = status, headers
        self._reader, self._writer = reader, writer
        self._parser = SseParser()

    async def until(self, position: Position) -> list[Message]:
        """Return what is said until the change or the whole is there that leads to *position*."""
        said: list[Message] = []
        async with asyncio.timeout(6 * PATIENCE):
            while not any(
                isinstance(message, Change | Snapshot) and message.position == position
                for message in said[-100:]
            ):
                piece = await self._piece()
                assert piece, "the stream has ended"
                said += self._read(piece)
        return said

    async def end(self) -> list[Message]:
        """Return what is still said until the stream ends or is cut off."""
        said: list[Message] = []
        async with asyncio.timeout(6 * PATIENCE):
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while piece := await self._piece():
                    said += self._read(piece)
        return said

    def leave(self) -> None:
        """Be gone without a word."""
        self._writer.transport.abort()

    async def _piece(self) -> bytes:
        """Return the next chunk, none at the end."""
        size = int(await self._reader.readuntil(b"\r\n"), 16)
        return (await self._reader.readexactly(size + 2))[:-2]

    def _read(self, piece: bytes) -> list[Message]:
        read = [message_of(event) for event in self._parser.feed(piece)]
        return [message for message in read if message is not None]
