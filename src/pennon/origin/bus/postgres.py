"""
The bus of origins that share a PostgreSQL: LISTEN and NOTIFY, on a connection of its own.

NOTIFY is sent after the commit and not within it: in a transaction it takes a lock that all
others who notify wait for until the commit is through, and there is a tick for what is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final

from pennon.origin.bus import Listener, Wakeups
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.bus.outbox import WAKE, Outbox
from pennon.origin.db.connections import require_driver

log = logging.getLogger(__name__)

CHANNEL: Final = "pennon"
REPORTS: Final = "pennon_reports"
_SECONDS: Final = 5.0
_ALIVE_SECONDS: Final = 10.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0


class PostgresBus:
    """
    Wakes the listeners of every origin on the database at *url*, for the length of a block.

    Entering it never waits. Listeners of this process are woken without the database; those of
    others miss what is notified while there is no connection, and are woken when there is one.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._local = MemoryBus()
        self._outbox = Outbox()
        self._listeners: list[Listener] = []
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()
        """Whether there is a connection that listens."""

    async def notify(self, environments: Collection[str]) -> None:
        """Wake every listener; nobody waits for the database to do so."""
        self._local.wake()
        self._outbox.wake()

    def share(self, piece: bytes) -> None:
        """Tell every other origin that listens by then."""
        self._outbox.add(piece)

    def hear(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def subscribe(self) -> AbstractContextManager[Wakeups]:
        return self._local.subscribe()

    async def __aenter__(self) -> PostgresBus:
        require_driver()
        self._task = asyncio.create_task(self._run(), name="bus")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._listen()
                pause = _FIRST_PAUSE
            except Exception as error:  # whatever it is, the next attempt may do better
                if pause == _FIRST_PAUSE:
                    log.warning("bus_lost", extra={"reason": type(error).__name__})
                pause = min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _listen(self) -> None:
        """Listen, and notify what is owed, until the connection ends."""
        import asyncpg  # type: ignore[import-untyped]  # it comes without types

        connection = await asyncpg.connect(
            self._url,
            timeout=_SECONDS,
            command_timeout=_SECONDS,
            server_settings={"application_name": "pennon bus"},
        )
        own = connection.get_server_pid()

        def on_notify(_connection: Any, sender: int, _channel: str, _payload: str) -> None:
            if sender != own:
                self._local.wake()

        def on_report(_connection: Any, sender: int, _channel: str, payload: str) -> None:
            if sender != own:
                for listener in self._listeners:
                    listener(payload.encode())

        try:
            await connection.add_listener(CHANNEL, on_notify)
            await connection.add_listener(REPORTS, on_report)
            # What happened while nobody listened, on either side.
            self._local.wake()
            self._outbox.wake()
            self.listening.set()
            connection.add_termination_listener(lambda _connection: self._outbox.nudge())
            while not connection.is_closed():
                await self._send(connection)
        finally:
            self.listening.clear()
            with contextlib.suppress(Exception):
                await connection.close(timeout=_SECONDS)

    async def _send(self, connection: Any) -> None:
        """Send what is owed; after a while of nothing, see who is there."""
        try:
            async with asyncio.timeout(_ALIVE_SECONDS):
                await self._outbox.wait()
        except TimeoutError:
            await connection.execute("SELECT 1")
            return
        while (piece := self._outbox.take()) is not None:
            if piece is not WAKE:
                # One that fails is lost: nodes say it again.
                await connection.execute("SELECT pg_notify($1, $2)", REPORTS, piece.decode())
                continue
            try:
                await connection.execute(f"NOTIFY {CHANNEL}")
            except BaseException:
                self._outbox.wake()
                raise
