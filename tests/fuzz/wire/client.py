"""The fuzz's own client: it sends exactly what it is given, and reads whatever comes."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tests.fuzz.wire.case import Case, End

PATIENCE: Final = 30.0
"""Seconds within which there must be an answer or an end, also on a busy machine."""
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) [A-Z]")
_HEAD_END: Final = b"\r\n\r\n"


@dataclass(frozen=True)
class Heard:
    """What came back; `hung` says that nothing came to an end in time."""

    data: bytes
    hung: bool = False

    @property
    def statuses(self) -> list[int]:
        """The status of each answer; no body of ours holds a status line."""
        return [int(found[1]) for found in _STATUS.finditer(self.data)]

    @property
    def final(self) -> tuple[int, bytes] | None:
        """The status and body of the last answer, without leave to go on."""
        head, found, body = self._whole().partition(_HEAD_END)
        statuses = self.statuses
        return (statuses[-1], body) if found and head and statuses else None

    @property
    def is_stream(self) -> bool:
        """Whether it is an answer that has no end."""
        return b"text/event-stream" in self.data and b"chunked" in self.data

    def is_whole(self, *, bodiless: bool) -> bool:
        """Return whether one answer is there from its beginning to its end."""
        head, found, body = self._whole().partition(_HEAD_END)
        if not found:
            return False
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        return bodiless or length is None or len(body) >= int(length[1])

    def _whole(self) -> bytes:
        data = self.data
        while data.startswith(b"HTTP/1.1 100 "):
            data = data.partition(_HEAD_END)[2]
        return data


async def send(port: int, case: Case) -> Heard:
    """Send *case* over a connection of its own, and read what comes of it."""
    bodiless = case.pieces[0].lstrip().startswith(b"HEAD")
    said = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                with suppress(OSError):
                    await _write(writer, case)
                with suppress(OSError):
                    await _read(reader, said, case.end, bodiless=bodiless)
            finally:
                writer.transport.abort()
    except TimeoutError:
        return Heard(bytes(said), hung=True)
    return Heard(bytes(said))


async def _write(writer: asyncio.StreamWriter, case: Case) -> None:
    for piece in case.pieces:
        writer.write(piece)
        await writer.drain()
        # So that pieces arrive as pieces.
        await asyncio.sleep(0)
    if case.end == "half":
        writer.write_eof()


async def _read(reader: asyncio.StreamReader, said: bytearray, end: End, *, bodiless: bool) -> None:
    while data := await reader.read(65_536):
        said += data
        heard = Heard(bytes(said[-200_000:]))
        if heard.is_stream:
            return
        if end == "reads" and heard.is_whole(bodiless=bodiless):
            return
