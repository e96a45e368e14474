"""The listening side: opens connections, ends those that idle, drains when told."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import Final

from pennon.errors import PennonError
from pennon.web.bare.chunks import Chunks
from pennon.web.bare.connection import Connection
from pennon.web.bare.crowd import Crowd
from pennon.web.bare.host import Refuse
from pennon.web.bare.limits import Limits
from pennon.web.bare.unfinished import Unfinished
from pennon.web.client_address import Proxies
from pennon.web.data_plane import failure
from pennon.web.handler import Answer, Request

log = logging.getLogger(__name__)

BACKLOG: Final = 2048
"""How many connections may wait to be accepted."""
GRACE_SECONDS: Final = 2.0
"""How long a drain leaves idle connections to their clients."""


class BareServer:
    """Serves one handler. Connections are looked at once a second; none has a timer of its own."""

    def __init__(
        self,
        answer: Callable[[Request], Answer | Awaitable[Answer]],
        limits: Limits | None = None,
        *,
        refuse: Refuse = failure,
        proxies: Proxies | None = None,
        now: Callable[[], float] = time.monotonic,
        tick: float = 1.0,
    ) -> None:
        self.answer = answer
        self.refuse = refuse
        self.limits = limits or Limits()
        self.now = now
        self.unfinished = Unfinished(self.limits.unfinished_bytes)
        self._crowd = Crowd(self.limits, proxies or Proxies(), now)
        self.draining = False
        self.chunks = Chunks()
        self._tick = tick
        self._connections: set[Connection] = set()
        self._one_less = asyncio.Event()
        self._date = b""

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    @property
    def refused(self) -> int:
        """How many found no room."""
        return self._crowd.refused

    @asynccontextmanager
    async def listening(self, bound: socket.socket) -> AsyncIterator[None]:
        """Accept connections on *bound* for the length of a block, then close it; drain after."""
        async with self.running():
            listener = await self.listen(bound)
            try:
                yield
            finally:
                listener.close()
                bound.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look after connections for the length of a block."""
        self._set_date()
        ticking = asyncio.create_task(self._keep_time(), name="bare-server")
        try:
            yield
        finally:
            ticking.cancel()
            await asyncio.gather(ticking, return_exceptions=True)

    async def listen(self, bound: socket.socket) -> asyncio.Server:
        """
        Accept connections on *bound* until what is returned is closed.

        The socket itself stays open, and others may accept from it as well.
        """
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Connection(self), sock=bound.dup(), backlog=BACKLOG)

    async def drain(self, seconds: float, *, grace: float = GRACE_SECONDS) -> None:
        """
        End all connections within *seconds*, and none before it has been answered.

        Each answer from now on is its connection's last. One that is idle is ended after *grace*
        seconds: whoever uses it regularly is told by an answer, and sends nothing into the end.
        """
        self.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(grace, seconds / 2)):
                        await self._until_empty()
                for connection in tuple(self._connections):
                    connection.drain()
                await self._until_empty()
        for connection in tuple(self._connections):
            connection.abort()

    async def _until_empty(self) -> None:
        while self._connections:
            self._one_less.clear()
            await self._one_less.wait()

    def opened(self, connection: Connection) -> PennonError | None:
        """Take a connection in, or return why there is no room for it."""
        refused = self._crowd.enter(connection.client)
        if refused is None:
            self._connections.add(connection)
        return refused

    def closed(self, connection: Connection) -> None:
        """Forget a connection."""
        if connection in self._connections:
            self._connections.remove(connection)
            self._crowd.leave(connection.client)
            self.unfinished.keep(connection, 0)
            self._one_less.set()

    def date(self) -> bytes:
        """Return the `date` header, made once a second."""
        return self._date

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(self._tick)
            self._set_date()
            now = self.now()
            for connection in tuple(self._connections):
                if connection.deadline < now:
                    self._expire(connection)

    def _expire(self, connection: Connection) -> None:
        try:
            connection.expire()
        except Exception:  # one that cannot be ended well must not keep the others from it
            log.exception("connection_not_ended")
            connection.abort()

    def _set_date(self) -> None:
        self._date = f"date: {formatdate(usegmt=True)}\r\n".encode()
