"""
A connection to NATS that is made again, for as long as it is wanted, whenever it is lost.

The client library can reconnect by itself; here every connection is a new one instead, so that
the first and the tenth are made in the same way and whoever listens is told of each.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from pennon.errors import PennonError
from pennon.kv.nats_address import NatsAddress
from pennon.kv.nats_signin import check_files, require_tls, signin_options

if TYPE_CHECKING:
    from nats.aio.client import Client

log = logging.getLogger(__name__)

CONNECT_SECONDS: Final = 5.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_PING_SECONDS: Final = 5
_CLOSE_SECONDS: Final = 2.0

Welcome = Callable[["Client"], Awaitable[None]]


class NatsConnection:
    """
    Is connected, most of the time, for the length of a block; entering it never waits.

    *welcome* is awaited with each new connection before others see it; an error there ends it.
    """

    def __init__(self, address: NatsAddress, welcome: Welcome | None = None) -> None:
        self._address, self._welcome = address, welcome
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._is_over = False
        self.made = 0
        """How many connections there were."""
        self.failed = 0
        """How many attempts there were besides."""

    @property
    def client(self) -> Client:
        """The connected client. Raises ConnectionError while there is none."""
        if self._client is None or not self._client.is_connected:
            raise ConnectionError("NATS is not connected")
        return self._client

    async def until_made(self, after: int = 0) -> int:
        """Return once there were more than *after* connections, with how many."""
        while self.made <= after:
            self._changed.clear()
            await self._changed.wait()
        return self.made

    async def __aenter__(self) -> NatsConnection:
        """Begin to connect. Raises BadInput for files that could never be used."""
        require_library()
        check_files(self._address)
        self._task = asyncio.create_task(self._run(), name="nats")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._is_over = True
        # The library takes some cancellations for its own, and goes on.
        while not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=_CLOSE_SECONDS)

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._is_over:
            try:
                await self._connect_and_stay()
                pause = _FIRST_PAUSE
            except Exception as error:  # whatever it is, the next attempt may do better
                self.failed += 1
                if pause == _FIRST_PAUSE:
                    log.warning("nats_unreachable", extra={"reason": _reason(error)})
                pause = min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _connect_and_stay(self) -> None:
        """Return once a connection that could be made is lost."""
        from nats.aio.client import Client

        client, closed = Client(), asyncio.Event()

        async def on_close() -> None:
            closed.set()

        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                signin = signin_options(client, self._address)
                await client.connect(closed_cb=on_close, **_HOW, **signin)
                require_tls(client, self._address)
                if self._welcome is not None:
                    await self._welcome(client)
            self._client = client
            self.made += 1
            self._changed.set()
            log.info("nats_connected")
            await closed.wait()
            log.warning("nats_lost")
        finally:
            self._client = None
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await client.close()


def require_library() -> None:
    """Raise PennonError where the client library is not installed."""
    try:
        import nats  # noqa: F401
    except ModuleNotFoundError:
        raise PennonError("NATS needs a client: pip install 'pennon[nats]'.") from None


def _reason(error: Exception) -> str:
    """Return why there is no connection, in words that cannot quote the address."""
    is_refused = "authorization violation" in str(error).lower()
    return "not let in" if is_refused else type(error).__name__


async def _quietly(error: Exception) -> None:
    """Leave it to whoever asked: the library tells of each error here as well as there."""


_HOW: Final[dict[str, Any]] = {
    "name": "pennon",
    "allow_reconnect": False,
    "max_reconnect_attempts": 1,
    "reconnect_time_wait": 0.1,
    "connect_timeout": 2,
    "ping_interval": _PING_SECONDS,
    "error_cb": _quietly,
}
"""What every client is told: one attempt at each server."""
