"""The head of an answer, in bytes."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

_STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


def head_of(
    status: int, headers: Iterable[tuple[str, str]], date: bytes, *, closing: bool
) -> bytes:
    """Return status line and headers; *date* is a whole line, *closing* says so to the client."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    end = b"connection: close\r\n\r\n" if closing else b"\r\n"
    return b"".join((_STATUS_LINES[status], date, lines.encode("latin-1"), end))
