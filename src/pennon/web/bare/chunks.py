"""Chunks of HTTP/1.1: what many clients are sent is framed once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pennon.web.handler import Piece

LAST_CHUNK: Final = b"0\r\n\r\n"


class Chunks:
    """Remembers the last thing that it framed, since the next client is sent the same."""

    def __init__(self) -> None:
        self._last: Piece = b""
        self._framed: tuple[Piece, ...] = ()

    def of(self, piece: Piece) -> Iterable[Piece]:
        """Return what to write for *piece*. A view is of something large, and is not copied."""
        if piece is not self._last:
            self._last, self._framed = piece, _framed(piece)
        return self._framed


def _framed(piece: Piece) -> tuple[Piece, ...]:
    if isinstance(piece, memoryview):
        return (b"%x\r\n" % len(piece), piece, b"\r\n")
    return (b"%x\r\n%b\r\n" % (len(piece), piece),)
