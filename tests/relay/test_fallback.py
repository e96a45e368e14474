"""What a node reads from L3 while its parent is silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

from pennon.errors import SourceLost
from pennon.kv.base import MemoryKv
from pennon.kv.datafiles import Datafiles
from pennon.model.messages import Contact, Message, Snapshot
from pennon.model.position import ACCESS, Position
from pennon.relay.fallback import GRACE_SECONDS, KvFallback
from pennon.relay.follower import Follower
from pennon.relay.replicas import Replicas
from pennon.relay.tiers import Standing
from tests.builders.relay import (
    SHOP,
    Clock,
    a_change,
    a_heartbeat,
    a_position,
    a_snapshot,
    an_access,
    some_flags,
)

STAGING = "shop/staging"


class OutOfReach(Datafiles):
    """An L3 that cannot be reached until a test says so."""

    def __init__(self) -> None:
        super().__init__(MemoryKv())
        self.is_down = True

    async def position(self, environment: str) -> Position | None:
        if self.is_down:
            raise TimeoutError("no answer")
        return await super().position(environment)


class AReader:
    """A node without a parent that reads an L3 holding *kept*."""

    def __init__(self, *held: Snapshot, store: Datafiles | None = None) -> None:
        self.replicas = Replicas()
        for snapshot in held:
            self.replicas.open(snapshot.environment).replace(snapshot)
        self.store = store or Datafiles(MemoryKv())
        self.silent = True
        self.fallback = KvFallback(
            self.store,
            self.replicas,
            lambda: frozenset({ACCESS, SHOP}),
            lambda environment: self.silent,
        )

    async def look(self, *kept: Snapshot) -> Position | None:
        """Let L3 hold *kept*, have the node look, and return where the shop stands then."""
        for snapshot in kept:
            await self.store.save(snapshot)
        await self.fallback.look()
        return self.replicas.open(SHOP).position


class TestLook:
    async def test_takes_what_is_newer(self) -> None:
        """A node that has less, or nothing, takes what L3 has; its followers are told."""
        node = AReader()
        told: list[Position] = []
        node.replicas.watch(lambda replica, news: told.append(news.position))
        first = await node.look(a_snapshot(4))
        second = await node.look(a_snapshot(5, some_flags(2)))

        assert (first, second) == (a_position(4), a_position(5))
        assert told == [a_position(4), a_position(5)]
        assert node.replicas.open(SHOP).fed_by == "l3"
        assert node.fallback.read["applied"] == 2

    async def test_l3_stale(self) -> None:
        """An L3 that lags behind what the node holds changes nothing, nor does an older epoch."""
        node = AReader(a_snapshot(7, epoch=2))
        for kept in (a_snapshot(99, epoch=1), a_snapshot(6, epoch=2)):
            assert await node.look(kept) == a_position(7, epoch=2)

        assert node.fallback.read["applied"] == 0
        assert node.fallback.refused == 0

    async def test_same_position_other_contents(self) -> None:
        """Where both stand at one position, L3 does not decide what it means."""
        node = AReader(a_snapshot(7))
        await node.look(a_snapshot(7, some_flags(1)))

        assert node.replicas.open(SHOP).items == {}
        assert node.fallback.seen == {SHOP: Standing(a_position(7), 0)}

    async def test_what_there_is_room_for(self) -> None:
        """Where what was read makes known that there is room for more, that is read as well."""
        node = AReader()
        fallback = KvFallback(
            node.store,
            node.replicas,
            lambda: frozenset({ACCESS, SHOP} | ({STAGING} if SHOP in node.replicas else set())),
            lambda environment: True,
        )
        for environment in (SHOP, STAGING):
            await node.store.save(a_snapshot(4, environment=environment))
        await fallback.look()

        assert node.replicas.open(STAGING).position == a_position(4)

    async def test_a_parent_that_speaks(self) -> None:
        """While the parent is heard, L3 is not even asked."""
        node = AReader()
        node.silent = False

        assert await node.look(a_snapshot(4)) is None
        assert not node.fallback.read

    async def test_shrunk(self) -> None:
        """What has lost most of its flags is refused, as from a parent; with leave it is taken."""
        node = AReader(a_snapshot(1, some_flags(10)))
        refused = await node.look(a_snapshot(2, some_flags(2)))

        assert refused == a_position(1)
        assert node.fallback.refused == 1
        assert await node.look(a_snapshot(3, some_flags(2), shrink_allowed=True)) == a_position(3)

    async def test_poisoned(self) -> None:
        """A datafile that was torn or is somebody else's is refused, and a good one taken later."""
        kv = MemoryKv()
        node = AReader(a_snapshot(1), store=Datafiles(kv))
        await node.store.save(a_snapshot(5))
        kv.values[SHOP] = kv.values[SHOP][:-3]
        refused = await node.look()
        await node.store.save(a_snapshot(9, environment=STAGING))
        kv.values[SHOP] = kv.values[STAGING]
        others = await node.look()

        assert (refused, others) == (a_position(1), a_position(1))
        assert node.fallback.refused == 1
        del kv.values[SHOP]
        assert await node.look(a_snapshot(6)) == a_position(6)

    async def test_l3_down(self) -> None:
        """An L3 out of reach is asked once for all environments, and then again."""
        store = OutOfReach()
        node = AReader(a_snapshot(3), store=store)
        down = await node.look(a_snapshot(4))
        store.is_down = False

        assert down == a_position(3)
        assert node.fallback.read["unreachable"] == 1
        assert await node.look() == a_position(4)


class Parent:
    """A source that a test cuts off and lets answer again."""

    def __init__(self) -> None:
        self.says: asyncio.Queue[Message | Exception] = asyncio.Queue()

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        while True:
            message = await self.says.get()
            if isinstance(message, Exception):
                raise message
            yield message


class TestFollower:
    async def test_silent_until_it_is_heard(self) -> None:
        """A parent is silent until it says something, and again once its stream ends."""
        follower = Follower(Parent(), lambda access: access.environments)
        before = follower.silent(SHOP)
        follower.freshness.heard(a_heartbeat())
        never_connected = follower.silent(SHOP)

        assert before
        assert never_connected

    async def test_a_parent_out_of_touch(self) -> None:
        """A stream on which nothing is said of an environment is as good as none, in time."""
        source, clock = Parent(), Clock()
        follower = Follower(source, lambda access: access.environments, clock=clock)
        heard = asyncio.Event()
        follower.replicas.watch(lambda replica, news: heard.set())
        async with follower:
            source.says.put_nowait(an_access(environments=()))
            async with asyncio.timeout(5):
                await heard.wait()
            in_touch = not follower.silent(ACCESS)
            clock.now = 76.0
            out_of_touch = follower.silent(ACCESS)

        assert in_touch
        assert out_of_touch

    async def test_a_source_that_looks_for_a_parent(self) -> None:
        """A source that goes from parent to parent says itself when it has none."""
        source, streams = Parent(), [True]
        follower = Follower(
            source, lambda access: access.environments, is_connected=lambda: streams[0]
        )
        heard = asyncio.Event()
        follower.replicas.watch(lambda replica, news: heard.set())
        async with follower:
            source.says.put_nowait(an_access(environments=()))
            async with asyncio.timeout(5):
                await heard.wait()
            connected = not follower.silent(ACCESS)
            streams[0] = False

            assert connected
            assert follower.silent(ACCESS)

    async def test_goes_on_without_its_connector(self) -> None:
        """Changes come by L3 while the stream is cut, and by the stream once it is back."""
        source, l3 = Parent(), Datafiles(MemoryKv())
        follower = Follower(source, lambda access: access.environments, l3=l3)
        moved = asyncio.Event()
        follower.replicas.watch(lambda replica, news: moved.set())

        async def until_at(position: Position) -> None:
            async with asyncio.timeout(10):
                while follower.replicas.open(SHOP).position != position:
                    moved.clear()
                    await moved.wait()

        async with follower:
            source.says.put_nowait(an_access())
            source.says.put_nowait(SourceLost("asked for more", 0.0))
            for message in (an_access(), a_snapshot(3)):
                source.says.put_nowait(message)
            await until_at(a_position(3))
            source.says.put_nowait(SourceLost("the connector died"))
            await l3.save(a_snapshot(4))
            await until_at(a_position(4))
            source.says.put_nowait(Contact())
            source.says.put_nowait(a_change(5))
            await until_at(a_position(5))

            assert follower.replicas.open(SHOP).fed_by == "parent"


class TestRun:
    async def test_looks_again_and_again(self) -> None:
        """It waits for the parent first, then asks every few seconds, at no fixed moment."""
        waited: list[float] = []
        enough = asyncio.Event()

        async def sleep(seconds: float) -> None:
            waited.append(seconds)
            if len(waited) == 4:
                enough.set()
                await asyncio.Event().wait()

        numbers = iter((0.0, 0.5, 0.99))
        fallback = KvFallback(
            Datafiles(MemoryKv()),
            Replicas(),
            lambda: frozenset({ACCESS}),
            lambda environment: True,
            sleep=sleep,
            random=lambda: next(numbers),
        )
        task = asyncio.create_task(fallback.run())
        await enough.wait()
        task.cancel()

        assert waited[0] == GRACE_SECONDS
        assert waited[1] < waited[2] < waited[3] < 3 * waited[1]
        assert fallback.read["known"] == 3

    async def test_survives_a_fault(self) -> None:
        """A fault of ours does not end the only thing that keeps the node current."""
        again = asyncio.Event()

        async def sleep(seconds: float) -> None:
            await asyncio.sleep(0)

        class Faulty(Datafiles):
            async def position(self, environment: str) -> Position | None:
                if not again.is_set():
                    again.set()
                    raise RuntimeError("a bug")
                return await super().position(environment)

        store, replicas = Faulty(MemoryKv()), Replicas()
        await store.save(an_access())
        fallback = KvFallback(
            store, replicas, lambda: frozenset({ACCESS}), lambda environment: True, sleep=sleep
        )
        taken = asyncio.Event()
        replicas.watch(lambda replica, news: taken.set())
        task = asyncio.create_task(fallback.run())
        async with asyncio.timeout(5):
            await taken.wait()
        task.cancel()

        assert replicas.open(ACCESS).position is not None
