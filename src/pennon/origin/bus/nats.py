"""The bus of origins that share a NATS: a core subject, heard by whoever listens at that moment."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Collection
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Final

from pennon.kv.nats_address import NatsAddress
from pennon.kv.nats_connection import NatsConnection
from pennon.origin.bus import Listener, Wakeups
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.bus.outbox import WAKE, Outbox
from pennon.relay.running import keep_running

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

_RETRY_SECONDS: Final = 1.0
_ECHO_SECONDS: Final = 1.0


class NatsBus:
    """
    Wakes the listeners of every origin that knows the same *name* in NATS, for a block's length.

    Entering it never waits. Listeners of this process are woken without NATS; those of others
    miss what is notified while there is no connection, and are woken when there is one.
    """

    def __init__(self, address: NatsAddress, name: str = "pennon") -> None:
        self._subject, self._reports = f"{name}.wake", f"{name}.reports"
        self._local = MemoryBus()
        self._outbox = Outbox()
        self._listeners: list[Listener] = []
        self._own = secrets.token_hex(8).encode()
        self._task: asyncio.Task[None] | None = None
        self.connection = NatsConnection(address, self._greet)

    async def notify(self, environments: Collection[str]) -> None:
        """Wake every listener; nobody waits for NATS to do so."""
        self._local.wake()
        self._outbox.wake()

    def share(self, piece: bytes) -> None:
        """Tell every other origin that is connected by then."""
        self._outbox.add(piece)

    def hear(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def subscribe(self) -> AbstractContextManager[Wakeups]:
        return self._local.subscribe()

    async def __aenter__(self) -> NatsBus:
        await self.connection.__aenter__()
        self._task = keep_running(self._publish, "bus")
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
        await self.connection.__aexit__(kind, error, trace)

    async def _greet(self, client: Client) -> None:
        woken, told = asyncio.Event(), asyncio.Event()

        async def on_wake(message: Msg) -> None:
            if message.data == self._own:
                woken.set()
            else:
                self._local.wake()

        async def on_report(message: Msg) -> None:
            sender, _, piece = message.data.partition(b" ")
            if sender == self._own:
                told.set()
            elif piece:  # one without is another's greeting
                for listener in self._listeners:
                    listener(piece)

        await client.subscribe(self._subject, cb=on_wake)
        await client.subscribe(self._reports, cb=on_report)
        # Now and then a server takes a subscription and delivers nothing to it, not even later
        # on: one connection in forty, with nats-server 2.15. Who does not hear itself is deaf.
        await client.publish(self._subject, self._own)
        await client.publish(self._reports, b"%b " % self._own)
        async with asyncio.timeout(_ECHO_SECONDS):
            await woken.wait()
            await told.wait()
        # What happened while there was no connection, on either side.
        self._local.wake()
        self._outbox.wake()

    async def _publish(self) -> None:
        """Publish what is owed; a wake-up that fails is owed again."""
        from nats.errors import Error

        while True:
            await self._outbox.wait()
            made = self.connection.made
            try:
                await self._publish_all()
            except (Error, OSError):
                # As a rule the connection is gone; one that is not will not be made anew.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_RETRY_SECONDS):
                        await self.connection.until_made(made)
                self._outbox.wake()

    async def _publish_all(self) -> None:
        client = self.connection.client
        while (piece := self._outbox.take()) is not None:
            if piece is WAKE:
                await client.publish(self._subject, self._own)
            else:
                await client.publish(self._reports, b"%b %b" % (self._own, piece))
