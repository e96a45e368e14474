"""The publisher of L3."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from pennon.kv.base import MemoryKv
from pennon.kv.datafiles import Datafiles
from pennon.model.messages import Snapshot
from pennon.model.position import Position
from pennon.origin.kv_publisher import KvPublisher
from pennon.relay.replicas import Replicas
from tests.builders.cloudflare import CloudflareKv
from tests.builders.relay import SHOP, Clock, a_change, a_position, a_snapshot, some_flags

STAGING = "shop/staging"
LATER = 3600.0


class Store(Datafiles):
    """An L3 in memory that a test takes away and brings back, and that tells of each write."""

    def __init__(self) -> None:
        self.values = MemoryKv()
        super().__init__(self.values)
        self.is_down = False
        self.saved: list[tuple[str, int]] = []
        self.news = asyncio.Event()
        self.back = asyncio.Queue[int]()

    async def save(self, snapshot: Snapshot) -> None:
        self._check()
        await super().save(snapshot)
        self.saved.append((snapshot.environment, snapshot.position.version))
        self.news.set()

    async def position(self, environment: str) -> Position | None:
        self._check()
        return await super().position(environment)

    async def survey(self, environments: Collection[str]) -> dict[str, Position]:
        self._check()
        return await super().survey(environments)

    async def until_back(self, seen: int) -> int:
        return await self.back.get()

    async def until_at(self, version: int, environment: str = SHOP) -> None:
        """Return once it holds that version."""
        async with asyncio.timeout(5):
            while await super().position(environment) != a_position(version):
                self.news.clear()
                await self.news.wait()

    def _check(self) -> None:
        if self.is_down:
            self.news.set()
            raise OSError("out of reach")


def a_publisher(store: Store, *held: Snapshot, clock: Clock | None = None) -> KvPublisher:
    """Return the publisher of an origin that holds *held*, none of it published."""
    replicas = Replicas()
    publisher = KvPublisher(replicas, store, clock=clock or Clock(), random=lambda: 0.0)
    for snapshot in held:
        replicas.open(snapshot.environment).replace(snapshot)
    return publisher


@asynccontextmanager
async def publishing(store: Store, replicas: Replicas) -> AsyncIterator[KvPublisher]:
    """Publish, quickly and without regular checks, for the length of a block."""
    publisher = KvPublisher(replicas, store, debounce=0.001, pause=0.002, check=LATER)
    task = asyncio.create_task(publisher.run())
    try:
        yield publisher
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class TestPublishing:
    async def test_writes_what_changed(self) -> None:
        """Each environment is written at the position where it is by then."""
        store, replicas = Store(), Replicas()
        async with publishing(store, replicas) as publisher:
            replicas.open(SHOP).replace(a_snapshot(1))
            replicas.open(STAGING).replace(a_snapshot(4, environment=STAGING))
            await store.until_at(1)
            await store.until_at(4, STAGING)
            replicas.open(SHOP).apply(a_change(2))
            await store.until_at(2)

        assert publisher.published == {SHOP: a_position(2), STAGING: a_position(4)}
        assert publisher.writes == 3

    async def test_gathers(self) -> None:
        """A burst of changes is one write, and no two writes of one environment are close."""
        store, clock = Store(), Clock()
        replicas = Replicas()
        publisher = KvPublisher(replicas, store, clock=clock)
        replica = replicas.open(SHOP)
        replica.replace(a_snapshot(1))
        for version in range(2, 50):
            replica.apply(a_change(version))
        due = publisher.due[SHOP]
        clock.now = due
        await publisher.flush()
        replica.apply(a_change(50))

        assert 0.1 <= due <= 0.5
        assert store.saved == [(SHOP, 49)]
        assert publisher.due[SHOP] == due + 1.0

    async def test_at_the_pace_that_cloudflare_takes(self) -> None:
        """KV takes one write a second of a key: what is due is taken, however much changes."""
        kv, replicas = CloudflareKv(), Replicas()
        publisher = KvPublisher(replicas, kv.datafiles(), clock=kv.clock)
        replica = replicas.open(SHOP)
        replica.replace(a_snapshot(1))
        for version in range(2, 12):
            replica.apply(a_change(version))
            kv.clock.now = publisher.due[SHOP]
            await publisher.flush()

        assert (publisher.writes, publisher.failures) == (10, 0)
        assert publisher.published == {SHOP: a_position(11)}

    async def test_ends_with_what_is_owed(self) -> None:
        """What was committed just before an origin stops is in L3 when it has stopped."""
        store, replicas = Store(), Replicas()
        publisher = KvPublisher(replicas, store, debounce=LATER)
        task = asyncio.create_task(publisher.run())
        await asyncio.sleep(0)
        replicas.open(SHOP).replace(a_snapshot(7))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        assert store.saved == [(SHOP, 7)]

    async def test_forgotten(self) -> None:
        """An environment that is archived before it was written is owed no longer."""
        store = Store()
        replicas = Replicas()
        publisher = KvPublisher(replicas, store)
        replicas.open(SHOP).replace(a_snapshot(1))
        replicas.keep(frozenset())

        assert await publisher.flush()
        assert store.saved == []


class TestManyOrigins:
    async def test_one_writes(self) -> None:
        """What another origin has published is found there and not written again."""
        store = Store()
        one, two = (a_publisher(store, a_snapshot(3)) for _ in range(2))
        await one.flush()
        await two.flush()

        assert store.saved == [(SHOP, 3)]
        assert two.published == {SHOP: a_position(3)}

    async def test_an_older_one(self) -> None:
        """An origin that lags, or whose database went back in time, never takes L3 back."""
        store = Store()
        await a_publisher(store, a_snapshot(9, some_flags(3))).flush()
        old = a_publisher(store, a_snapshot(5))
        await old.flush()
        await old.repair()

        assert await store.load(SHOP) == a_snapshot(9, some_flags(3))
        assert old.published == {SHOP: a_position(9)}
        assert await old.flush()


class TestOutage:
    async def test_l3_down(self) -> None:
        """While L3 is away the write is owed, counted and its age told; then it is made."""
        store, clock = Store(), Clock()
        publisher = a_publisher(store, a_snapshot(1), clock=clock)
        store.is_down = True
        failed = await publisher.flush()
        clock.now = 60.0
        lacking = publisher.lacking_seconds(SHOP)
        store.is_down = False

        assert not failed
        assert (publisher.failures, lacking) == (1, 60.0)
        assert await publisher.flush()
        assert publisher.lacking_seconds(SHOP) == 0.0
        assert store.saved == [(SHOP, 1)]

    async def test_back_by_itself(self) -> None:
        """It goes on trying, and one that fails holds no other up."""
        store, replicas = Store(), Replicas()
        store.is_down = True
        async with publishing(store, replicas) as publisher:
            replicas.open(SHOP).replace(a_snapshot(1))
            async with asyncio.timeout(5):
                while publisher.failures < 3:
                    store.news.clear()
                    await store.news.wait()
            store.is_down = False
            await store.until_at(1)

        assert publisher.lacking == {}

    async def test_l3_wiped(self) -> None:
        """An L3 that comes back empty is filled, without a change to bring it about."""
        store, replicas = Store(), Replicas()
        async with publishing(store, replicas):
            replicas.open(SHOP).replace(a_snapshot(1))
            await store.until_at(1)
            store.values.values.clear()
            store.back.put_nowait(1)
            store.saved.clear()
            await store.until_at(1)

        assert store.saved == [(SHOP, 1)]

    async def test_l3_rotten(self) -> None:
        """A datafile that a look finds broken is written again, whatever its head says."""
        store = Store()
        publisher = a_publisher(store, a_snapshot(1))
        await publisher.flush()
        store.values.values[SHOP] = store.values.values[SHOP][:-2]
        await publisher.repair()

        assert await publisher.flush()
        assert await store.load(SHOP) == a_snapshot(1)

    async def test_a_look_that_fails(self) -> None:
        """It is counted, and nothing is taken for missing because of it."""
        store = Store()
        publisher = a_publisher(store, a_snapshot(1))
        await publisher.flush()
        store.is_down = True
        await publisher.repair()

        assert publisher.failures == 1
        assert await publisher.flush()
