"""
The data plane's own small HTTP vocabulary: a pure handler takes a `Request`, gives a `Response`.

Handlers know nothing of the server that runs them, so that the same one is mounted in ASGI
beside the origin's API and served bare on an edge.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from msgspec import Struct

from pennon.errors import BadInput

JSON = ("content-type", "application/json")
NO_STORE = ("cache-control", "no-store")


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
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Stream(Struct, frozen=True, kw_only=True):
    """An answer without an end: chunks until the iterator stops or the client is gone."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    chunks: AsyncGenerator[bytes]


Answer = Response | Stream
Handler = Callable[[Request], Answer | Awaitable[Answer]]
