"""Opens L3 where a node's settings say that it is."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from pennon.kv.cloudflare import CloudflareDatafiles
from pennon.kv.cloudflare_address import cloudflare_address
from pennon.kv.datafiles import Datafiles
from pennon.kv.directory import DirectoryKv
from pennon.kv.nats import NatsDatafiles
from pennon.kv.nats_address import is_nats
from pennon.kv.nats_connection import NatsConnection
from pennon.web.l3_settings import L3Settings

L3Store = Datafiles | NatsDatafiles | CloudflareDatafiles


@asynccontextmanager
async def open_l3(
    settings: L3Settings, address: str | None, replicas: int = 1
) -> AsyncGenerator[L3Store | None]:
    """
    Give the store at *address* for the length of a block, None where there is no address.

    It waits for nothing: a store that cannot be reached is one that fails for now.
    """
    if address is None:
        yield None
    elif (place := cloudflare_address(address)) is not None:
        async with httpx2.AsyncClient() as client:
            yield CloudflareDatafiles(client, place, settings.cloudflare_token or "")
    elif not is_nats(address):
        yield Datafiles(DirectoryKv(Path(address)))
    else:
        async with NatsConnection(settings.nats_address(address)) as connection:
            yield NatsDatafiles(connection, settings.nats_name, replicas=replicas)
