"""What a connection needs of the server that it is one of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from pennon.errors import PennonError
from pennon.web.bare.chunks import Chunks
from pennon.web.bare.limits import Limits
from pennon.web.bare.unfinished import Unfinished
from pennon.web.handler import Answer, Request, Response

if TYPE_CHECKING:
    from pennon.web.bare.connection import Connection

Refuse = Callable[[Request, Exception], Response]
"""Says an error to whoever asked, in the words of what was asked as far as that is known."""


class Host(Protocol):
    """See `pennon.web.bare.server.BareServer`."""

    limits: Limits
    answer: Callable[[Request], Answer | Awaitable[Answer]]
    refuse: Refuse
    draining: bool
    chunks: Chunks
    unfinished: Unfinished

    def opened(self, connection: Connection) -> PennonError | None: ...
    def closed(self, connection: Connection) -> None: ...
    def now(self) -> float: ...
    def date(self) -> bytes: ...
