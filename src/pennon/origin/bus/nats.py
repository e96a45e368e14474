"""The bus of origins that share a NATS: a core subject, heard by whoever listens at that moment."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from pennon.kv.nats_address import NatsAddress
from pennon.kv.nats_connection import NatsConnection
from pennon.origin.bus import Wakeups
from pennon.origin.bus.memory import MemoryBus

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg


class NatsBus:
    """
    Wakes the listeners of every origin that knows the same *name* in NATS, for a block's length.

    Entering it never waits. Listeners of this process are woken without NATS; those of others
    miss what is notified while there is no connection, and are woken when there is one.
    """

    def __init__(self, address: NatsAddress, name: str = "pennon") -> None:
        self._subject = f"{name}.wake"
        self._local = MemoryBus()
        self._owed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.connection = NatsConnection(address, self._greet)

    async def notify(self, environments: Collection[str]) -> None:
        """Wake every listener; nobody waits for NATS to do so."""
        self._local.wake()
        self._owed.set()

    def subscribe(self) -> AbstractContextManager[Wakeups]:
        return self._local.subscribe()

    async def __aenter__(self) -> NatsBus:
        await self.connection.__aenter__()
        self._task = asyncio.create_task(self._publish(), name="bus")
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
        async def on_message(message: Msg) -> None:
            self._local.wake()

        await client.subscribe(self._subject, cb=on_message)
        await client.flush()
        # What happened while there was no connection, on either side.
        self._local.wake()
        self._owed.set()

    async def _publish(self) -> None:
        """Publish once for all that is owed; what fails is owed to the next connection."""
        from nats.errors import Error

        while True:
            await self._owed.wait()
            self._owed.clear()
            made = self.connection.made
            try:
                await self.connection.client.publish(self._subject)
            except (Error, OSError):
                await self.connection.until_made(made)
                self._owed.set()
