"""The line between the supervisor and one worker: messages over a pair of sockets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from typing import Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from pennon.edge.workers.families import Family

log = logging.getLogger(__name__)

_LENGTH_BYTES: Final = 4
_encode = msgspec.msgpack.Encoder().encode


class Ready(Struct, tag="ready", frozen=True):
    """A worker has loaded what it must serve."""

    environments: tuple[str, ...]


class Leaving(Struct, tag="leaving", frozen=True):
    """A worker was told to stop, by whomever, and takes no more connections."""


class Gather(Struct, tag="gather", frozen=True):
    """A worker is asked for metrics, and asks for those of all."""

    number: int


class Collected(Struct, tag="collected", frozen=True):
    """The metrics of a worker."""

    number: int
    families: tuple[Family, ...]


class Pong(Struct, tag="pong", frozen=True):
    """The answer to a ping."""


class Ping(Struct, tag="ping", frozen=True):
    """Say something: a worker that hangs cannot."""


class Serve(Struct, tag="serve", frozen=True):
    """Accept connections at these doors, and at no other."""

    doors: tuple[int, ...]


class Collect(Struct, tag="collect", frozen=True):
    """Tell your metrics."""

    number: int


class Gathered(Struct, tag="gathered", frozen=True):
    """The metrics of all: each worker's by its name, and the supervisor's own."""

    number: int
    workers: dict[str, tuple[Family, ...]]
    own: tuple[Family, ...]


FromWorker = Ready | Leaving | Gather | Collected | Pong
FromSupervisor = Serve | Collect | Gathered | Ping
Heard = TypeVar("Heard")


class Channel(Generic[Heard]):
    """Sends messages and reads those that *decoder* knows; others are passed over."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        decoder: msgspec.msgpack.Decoder[Heard],
    ) -> None:
        self._reader, self._writer, self._decoder = reader, writer, decoder

    def send(self, message: FromWorker | FromSupervisor) -> None:
        """Send *message*; nobody waits, and who is gone hears nothing."""
        if not self._writer.is_closing():
            data = _encode(message)
            self._writer.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)

    async def messages(self) -> AsyncIterator[Heard]:
        """Yield what the other end says, until it is gone."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int.from_bytes(await self._reader.readexactly(_LENGTH_BYTES), "big")
                data = await self._reader.readexactly(length)
                try:
                    message = self._decoder.decode(data)
                except msgspec.ValidationError as error:  # the other end is of another version
                    log.warning("message_not_known", extra={"reason": str(error)})
                    continue
                yield message

    def close(self) -> None:
        """Send no more."""
        self._writer.close()


async def to_supervisor(end: socket.socket) -> Channel[FromSupervisor]:
    """Return a worker's channel over its *end* of a pair of sockets."""
    reader, writer = await asyncio.open_unix_connection(sock=end)
    return Channel(reader, writer, msgspec.msgpack.Decoder(FromSupervisor))


async def to_worker(end: socket.socket) -> Channel[FromWorker]:
    """Return the supervisor's channel over its *end* of a pair of sockets."""
    reader, writer = await asyncio.open_unix_connection(sock=end)
    return Channel(reader, writer, msgspec.msgpack.Decoder(FromWorker))
