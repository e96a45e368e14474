"""An answer, or its head alone, in bytes."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from typing import Final

from pennon.web.handler import Headers, Response

_STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_KEPT: Final = 256
_BODILESS: Final = (204, 304)


def head_of(
    status: int, headers: Headers, date: bytes, *, length: int | None = None, closing: bool
) -> bytes:
    """
    Return status line and headers; *date* is a whole line, *closing* says so to the client.

    A body that follows has *length*; without one its end is told otherwise, or there is none.
    """
    end = b"connection: close\r\n\r\n" if closing else b"\r\n"
    if length is None:
        return b"%b%b%b" % (_lines(status, headers), date, end)
    return b"%b%bcontent-length: %d\r\n%b" % (_lines(status, headers), date, length, end)


@lru_cache(_KEPT)
def _lines(status: int, headers: Headers) -> bytes:
    """Return what most answers of a kind have alike; those with a tag of their own come and go."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return _STATUS_LINES[status] + lines.encode("latin-1")


def bytes_of(answer: Response, date: bytes, *, method: str, closing: bool) -> bytes:
    """Return a whole answer to a request of *method*."""
    length = None if answer.status in _BODILESS else len(answer.body)
    head = head_of(answer.status, answer.headers, date, length=length, closing=closing)
    return head if method == "HEAD" else head + answer.body
