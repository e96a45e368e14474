"""Opens the bus that an origin's settings ask for."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pennon.kv.nats_address import is_nats
from pennon.origin.bus import Bus
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.bus.repeated import RepeatedBus
from pennon.origin.database_address import backend_of
from pennon.origin.db import Database
from pennon.origin.settings import OriginSettings


@asynccontextmanager
async def open_bus(settings: OriginSettings, database: Database) -> AsyncGenerator[Bus]:
    """
    Give the bus for the length of a block; a bus that cannot be reached makes nobody wait.

    Where the settings name none, origins on one PostgreSQL share its own. A replica has none.
    """
    url = settings.database_url
    is_shared = backend_of(url) == "postgresql" and not database.read_only
    name = settings.bus or ("postgres" if is_shared else "memory")
    if name == "postgres":
        from pennon.origin.bus.postgres import PostgresBus

        async with PostgresBus(url) as postgres:
            yield postgres
    elif is_nats(name):
        from pennon.origin.bus.nats import NatsBus

        async with NatsBus(settings.nats_address(name), settings.nats_name) as nats:
            yield RepeatedBus(nats) if database.read_only else nats
    else:
        yield MemoryBus()
