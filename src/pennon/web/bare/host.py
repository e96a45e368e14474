"""What a connection needs of the server that it is one of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from pennon.web.bare.chunks import Chunks
from pennon.web.bare.limits import Limits
from pennon.web.handler import Answer, Request

if TYPE_CHECKING:
    from pennon.web.bare.connection import Connection


class Host(Protocol):
    """See `pennon.web.bare.server.BareServer`."""

    limits: Limits
    answer: Callable[[Request], Answer | Awaitable[Answer]]
    draining: bool
    chunks: Chunks

    def opened(self, connection: Connection) -> bool: ...
    def closed(self, connection: Connection) -> None: ...
    def now(self) -> float: ...
    def date(self) -> bytes: ...
