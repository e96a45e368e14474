"""
The data plane's own small HTTP vocabulary: a pure handler takes a `Request`, gives a `Response`.

Handlers know nothing of the server that runs them, so that the same one is mounted in ASGI
beside the origin's API and served bare on an edge.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from urllib.parse import parse_qsl

from msgspec import Struct

from pennon.errors import BadInput

JSON = ("content-type", "application/json")
NO_STORE = ("cache-control", "no-store")


Headers = tuple[tuple[str, str], ...]


class Request(Struct, frozen=True, kw_only=True):
    """A whole request. Header names are lower case; `path` is percent-decoded, `query` is not."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    client: str = ""

    def parameters(self) -> list[tuple[str, str]]:
        """Return the query's names and values. Raises BadInput when there are too many."""
        try:
            return parse_qsl(self.query, keep_blank_values=True, max_num_fields=1000)
        except ValueError:
            raise BadInput.at("?", "expected at most 1000 query parameters") from None


class Response(Struct, frozen=True, kw_only=True):
    """A whole answer. `content-length` is the server's to add."""

    status: int = 200
    headers: Headers = ()
    body: bytes = b""


Piece = bytes | memoryview
"""What is written at once; a view is of something large that many are sent."""


class Sink(Protocol):
    """One client's end of a stream. Nothing here waits: thousands are written to in one loop."""

    def write(self, data: Piece) -> bool:
        """Send *data*; return whether more may follow, else `Feed.resume` is called when it may."""
        ...

    def end(self) -> None:
        """Say that this was all."""
        ...

    def abort(self) -> None:
        """Cut the client off, so that it knows that this was not all."""
        ...


class Feed(Protocol):
    """
    What fills a stream, whenever it has something to say and the sink takes it.

    It holds nothing before `open`; `close` is called once after it, however the stream ends.
    """

    def open(self, sink: Sink) -> None:
        """The head of the answer is sent: begin."""
        ...

    def resume(self) -> None:
        """The client has taken what was written: more may follow."""
        ...

    def close(self) -> None:
        """The stream has ended, or its client is gone: write no more."""
        ...


class Stream(Struct, frozen=True, kw_only=True):
    """An answer without an end: what its feed says, until that ends it or the client is gone."""

    status: int = 200
    headers: Headers = ()
    feed: Feed


Answer = Response | Stream
Handler = Callable[[Request], Answer | Awaitable[Answer]]
