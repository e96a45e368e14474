"""
Server-sent events, both ways: `format_event` writes one, `SseParser` reads them from chunks.

The parser is pure and fed: the socket lives elsewhere. It reads what the HTML standard's
"event stream interpretation" describes, with one limit that the standard leaves open: the size
of one event.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pennon.errors import BadInput

COMMENT: Final = b":\n\n"
"""A line that carries nothing and says that the sender is alive."""

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_BOM: Final = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event; `id` is the last id seen on the stream, as the standard has it."""

    name: str
    id: str
    data: bytes


def format_event(name: str, data: bytes, id: str | None = None) -> bytes:
    """
    Return the bytes of one event. *data* is JSON; a line break within it stays one.

    The format cannot carry a carriage return: a reader takes it for a line break.
    """
    head = f"event: {name}\n" if id is None else f"event: {name}\nid: {id}\n"
    return b"".join((head.encode(), b"data: ", data.replace(b"\n", b"\ndata: "), b"\n\n"))


class SseParser:
    """Feed it chunks as they arrive; it returns the events that each of them completes."""

    def __init__(self, limit: int = 64 * 1024 * 1024) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._scanned = 0
        self._at_start = True
        self._name = ""
        self._id = ""
        self._data: list[bytes] = []
        self._held = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events completed by *chunk*. Raises BadInput when one exceeds the limit."""
        self._buffer += chunk
        if self._at_start and not self._skip_bom():
            return []
        events: list[Event] = []
        buffer, start = self._buffer, 0
        while end := _LINE_END.search(buffer, max(start, self._scanned)):
            # A carriage return at the very end may be the first half of CRLF: wait for more.
            if end.group() == b"\r" and end.end() == len(buffer):
                self._scanned = end.start()
                break
            event = self._line(bytes(buffer[start : end.start()]))
            if event is not None:
                events.append(event)
            start = self._scanned = end.end()
        else:
            self._scanned = len(buffer)
        del buffer[:start]
        self._scanned -= start
        if self._held + len(buffer) > self._limit:
            raise BadInput.at("$", f"expected an event of at most {self._limit} bytes")
        return events

    def _skip_bom(self) -> bool:
        if len(self._buffer) < len(_BOM) and _BOM.startswith(self._buffer):
            return False
        if self._buffer.startswith(_BOM):
            del self._buffer[: len(_BOM)]
        self._at_start = False
        return True

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._held += len(value) + 1
        elif name == b"event":
            self._name = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        return None

    def _dispatch(self) -> Event | None:
        event = None
        if self._data:
            event = Event(self._name or "message", self._id, b"\n".join(self._data))
        self._name, self._data, self._held = "", [], 0
        return event
