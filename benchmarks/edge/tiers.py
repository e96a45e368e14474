"""
How long a whole environment takes from each tier below memory, until it can be evaluated.

L2 and the folder are read from the page cache, as after a restart of the process. L4 is asked of a
connector, which has the environment in memory: what a database would add is not in it.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NamedTuple

import httpx2

from benchmarks.edge import pennon
from benchmarks.edge.cases import RELAY_KEY, SHOP, access, shop
from benchmarks.edge.servers import CLIENT_CORE
from benchmarks.edge.table import Bar, rows
from pennon.edge.rulesets import Rulesets
from pennon.kv.datafiles import Datafiles
from pennon.kv.directory import DirectoryKv
from pennon.kv.nats import NatsDatafiles
from pennon.model.codec import decode_snapshot
from pennon.model.messages import Snapshot
from pennon.relay.replicas import Replicas
from pennon.relay.tiers import DatafileStore
from tests.builders.nats import Nats, a_nats, connected

_TIMES: Final = 15
BARS: Final = {"L2": 5.0, "L3": 20.0, "L4": 200.0}
"""Milliseconds that the design gives a tier."""
Read = Callable[[], Awaitable[Snapshot | None]]


def fill(folder: Path, flags: int) -> None:
    """Put the environment, and who may ask for it, into a folder as an edge would have."""

    async def save() -> None:
        store = Datafiles(DirectoryKv(folder))
        await store.save(access())
        await store.save(shop(flags))

    asyncio.run(save())


class Taken(NamedTuple):
    """Milliseconds until an environment is there and checked, and until it can be evaluated."""

    read: float
    usable: float


def read_all(folder: Path, flags: int) -> dict[str, Taken]:
    """Return what a read of each tier takes."""
    fill(folder / "l2", flags)
    taken = {"L2, a folder": asyncio.run(_from(Datafiles(DirectoryKv(folder / "l2"))))}
    with a_nats() as nats:
        taken["L3, JetStream"] = asyncio.run(_from_nats(nats, flags))
    with (
        pennon.parent(folder, flags) as parent,
        pennon.node("connector", parent, folder, core=CLIENT_CORE) as connector,
    ):
        taken["L4, a connector"] = asyncio.run(_from_parent(connector.port))
    return taken


def report(taken: dict[str, Taken], flags: int) -> list[Bar]:
    """Print what was taken and return what is to be shown."""
    rows(f"An environment of {flags:,} flags, ms", ("read", "can be asked"), list(taken.items()))
    return [
        Bar(f"{tier}: a read", one.read, "ms", "at most", BARS[tier[:2]])
        for tier, one in taken.items()
    ]


async def _from(store: DatafileStore) -> Taken:
    return await _median(lambda: store.load(SHOP))


async def _from_nats(nats: Nats, flags: int) -> Taken:
    async with connected(nats) as connection:
        store = NatsDatafiles(connection)
        await store.save(shop(flags))
        return await _from(store)


async def _from_parent(port: int) -> Taken:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {RELAY_KEY}"}) as client:

        async def read() -> Snapshot:
            address = f"http://127.0.0.1:{port}/sync/v1/datafile"
            answer = await client.get(address, params={"environment": SHOP})
            answer.raise_for_status()
            return decode_snapshot(answer.content)

        return await _median(read)


async def _median(read: Read) -> Taken:
    taken = []
    for _ in range(_TIMES):
        replicas = Replicas()
        rulesets = Rulesets(replicas)
        started = time.perf_counter()
        snapshot = await read()
        there = time.perf_counter()
        assert snapshot is not None
        replicas.open(SHOP).replace(snapshot)
        taken.append((there - started, time.perf_counter() - started))
        assert rulesets.get(SHOP) is not None
    return Taken(*(statistics.median(each) * 1e3 for each in zip(*taken, strict=True)))
