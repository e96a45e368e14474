"""Datafiles in a real JetStream: never torn, never older than before, never waited for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from pennon.kv.nats import NatsDatafiles
from pennon.kv.nats_address import NatsAddress, servers_of
from pennon.kv.nats_connection import NatsConnection
from pennon.kv.parts import head_key
from pennon.model.messages import ItemId, Snapshot
from pennon.model.position import ACCESS
from tests.builders.nats import Nats, a_bucket, a_nats, connected
from tests.builders.relay import SHOP, a_position, a_snapshot, an_access, some_flags

STAGING = "shop/staging"


def incompressible(megabytes: float, seed: int = 1) -> dict[ItemId, bytes]:
    """Return a flag whose bytes do not get smaller."""
    value = random.Random(seed).randbytes(int(megabytes * 500_000)).hex().encode()
    return {("flag", "large"): b'"%s"' % value}


def dense(megabytes: float, version: int) -> Snapshot:
    """Return a snapshot of about so many megabytes once it is compressed."""
    return a_snapshot(version, incompressible(2 * megabytes, seed=version))


class Bucket:
    """A bucket of a test's own, and what is in it."""

    def __init__(self, connection: NatsConnection, name: str) -> None:
        self.connection, self.name = connection, name

    def store(self, part_bytes: int = 512 * 1024) -> NatsDatafiles:
        """Return another who uses it."""
        return NatsDatafiles(self.connection, self.name, part_bytes=part_bytes)

    async def keys(self) -> set[str]:
        """Return every key."""
        info = await self.connection.client.jetstream().stream_info(f"KV_{self.name}", ">")
        start = f"$KV.{self.name}."
        return {subject.removeprefix(start) for subject in info.state.subjects or ()}

    async def wipe(self, keys: str = ">") -> None:
        """Remove the keys of a pattern, as an operator or a lost disk does."""
        stream = self.connection.client.jetstream()
        await stream.purge_stream(f"KV_{self.name}", subject=f"$KV.{self.name}.{keys}")


@pytest.fixture
async def bucket(shared_nats: Nats) -> AsyncIterator[Bucket]:
    """Give an empty bucket, not yet made."""
    async with connected(shared_nats) as connection:
        yield Bucket(connection, a_bucket())


class TestDatafiles:
    async def test_round_trip(self, bucket: Bucket) -> None:
        """What one saves another loads, byte for byte; `$access` too."""
        store = bucket.store()
        kept = [a_snapshot(3, some_flags(5)), an_access(version=2)]
        for snapshot in kept:
            await store.save(snapshot)

        assert await bucket.store().load(SHOP) == kept[0]
        assert await bucket.store().load(ACCESS) == kept[1]
        assert await bucket.store().position(SHOP) == a_position(3)

    async def test_nothing(self, bucket: Bucket) -> None:
        """A bucket that is not there, or has nothing of an environment, is empty."""
        store = bucket.store()

        assert await store.load(SHOP) is None
        assert await store.position(SHOP) is None
        await store.save(a_snapshot(1))
        assert await store.load(STAGING) is None
        assert await store.position(STAGING) is None
        assert await store.survey([SHOP, STAGING]) == {SHOP: a_position(1)}
        assert store.refused == 0

    async def test_large(self, bucket: Bucket) -> None:
        """A datafile of 5 MB goes in and comes out whole, in parts that NATS takes."""
        large = dense(5, version=4)
        await bucket.store().save(large)

        assert len(await bucket.keys()) > 10
        assert await bucket.store().load(SHOP) == large

    async def test_tidies(self, bucket: Bucket) -> None:
        """However often it is written, a bucket holds the last datafile and the one before."""
        store = bucket.store(part_bytes=100)
        for version in range(1, 6):
            await store.save(dense(0.001, version))
        versions = {key.split(".")[4] for key in await bucket.keys() if ".part." in key}

        assert versions == {"4", "5"}
        assert await store.load(SHOP) == dense(0.001, 5)


class TestOrder:
    @pytest.mark.parametrize(
        "older", [a_snapshot(8), a_snapshot(99, epoch=0)], ids=["version", "epoch"]
    )
    async def test_an_older_publisher_never_overwrites(
        self, bucket: Bucket, older: Snapshot
    ) -> None:
        """A position that is behind leaves what is there."""
        await bucket.store().save(a_snapshot(9, some_flags(2)))
        await bucket.store().save(older)

        assert await bucket.store().load(SHOP) == a_snapshot(9, some_flags(2))

    async def test_many_publishers(self, bucket: Bucket) -> None:
        """However many write at once, in whatever order, the newest stays, whole."""
        versions = list(range(1, 21))
        random.Random(1).shuffle(versions)
        results = await asyncio.gather(
            *(bucket.store(part_bytes=200).save(dense(0.001, version)) for version in versions),
            return_exceptions=True,
        )
        # Who lost every race is told so, and would try again; the newest cannot be among them.
        for version, result in zip(versions, results, strict=True):
            if isinstance(result, OSError):
                await bucket.store(part_bytes=200).save(dense(0.001, version))

        assert await bucket.store().load(SHOP) == dense(0.001, 20)

    async def test_a_reader_never_sees_a_mix(self, bucket: Bucket) -> None:
        """While one writes, all that another reads was written, and none is older than before."""
        writer, reader = bucket.store(part_bytes=500), bucket.store()
        written = {version: dense(0.005, version) for version in range(1, 21)}
        await writer.save(written[1])

        async def write() -> None:
            for version in range(2, 21):
                await writer.save(written[version])

        writing = asyncio.create_task(write())
        seen = []
        while not writing.done():
            if (snapshot := await reader.load(SHOP)) is not None:
                seen.append(snapshot)
        await writing

        assert seen
        assert all(snapshot == written[snapshot.position.version] for snapshot in seen)
        positions = [snapshot.position for snapshot in seen]
        assert positions == sorted(positions)

    async def test_what_a_crash_left(self, bucket: Bucket) -> None:
        """Parts without a head are not seen, and are removed in time."""
        store = bucket.store()
        await store.save(a_snapshot(1))
        await store.save(a_snapshot(3))
        left = next(key for key in await bucket.keys() if ".3." in key).replace(".3.", ".2.")
        jetstream = bucket.connection.client.jetstream()
        await jetstream.publish(f"$KV.{bucket.name}.{left}", b"half")

        assert await store.load(SHOP) == a_snapshot(3)
        await store.save(a_snapshot(4))
        assert left not in await bucket.keys()


class TestFaults:
    async def test_part_missing(self, bucket: Bucket) -> None:
        """A datafile that has lost a part is refused; a look says that it is not whole."""
        store = bucket.store()
        await store.save(a_snapshot(3))
        await bucket.wipe("shop.production.part.>")

        assert await store.load(SHOP) is None
        assert store.refused == 1
        assert await store.position(SHOP) == a_position(3)
        assert await store.survey([SHOP]) == {}
        await store.save(a_snapshot(3))
        assert await store.load(SHOP) == a_snapshot(3)

    @pytest.mark.parametrize("head", [b"", b"{}", b"\xff", b'{"parts":"many"}'])
    async def test_head_of_another_kind(self, bucket: Bucket, head: bytes) -> None:
        """A head that cannot be read is as good as none, and written over."""
        store = bucket.store()
        await store.save(a_snapshot(3))
        jetstream = bucket.connection.client.jetstream()
        await jetstream.publish(f"$KV.{bucket.name}.{head_key(SHOP)}", head)

        assert await store.load(SHOP) is None
        assert store.refused == 1
        await store.save(a_snapshot(2))
        assert await store.load(SHOP) == a_snapshot(2)

    async def test_deleted_by_hand(self, bucket: Bucket) -> None:
        """A head that an operator deleted is written again."""
        store = bucket.store()
        await store.save(a_snapshot(3))
        kv = await bucket.connection.client.jetstream().key_value(bucket.name)
        await kv.delete(head_key(SHOP))

        assert await store.load(SHOP) is None
        await store.save(a_snapshot(3))
        assert await store.load(SHOP) == a_snapshot(3)

    async def test_down(self) -> None:
        """Where nobody answers, a save fails and a load finds nothing, both at once."""
        address = NatsAddress(servers=servers_of("nats://127.0.0.1:1") or ())
        async with NatsConnection(address) as connection:
            store = NatsDatafiles(connection)
            with pytest.raises(OSError, match="not connected"):
                await store.save(a_snapshot(1))
            with pytest.raises(OSError, match="not connected"):
                await store.position(SHOP)

            assert await store.load(SHOP) is None
            assert store.refused == 0

    async def test_restarted(self) -> None:
        """What was acknowledged outlives a server that is killed; the connection comes back."""
        with a_nats() as nats:
            async with connected(nats) as connection:
                store = NatsDatafiles(connection)
                await store.save(a_snapshot(3))
                nats.kill()
                async with asyncio.timeout(20):
                    while await store.load(SHOP) is not None:
                        pass
                    nats.start()
                    assert await store.until_back(1) == 2
                found = await store.load(SHOP)

        assert found == a_snapshot(3)


class TestCluster:
    async def test_leader_killed(self) -> None:
        """Of three servers the leader is killed while one writes: nothing acknowledged is lost."""
        with a_nats(3) as nats:
            async with connected(nats) as connection:
                store = NatsDatafiles(connection, replicas=3)
                await save_at_last(store, 1)
                jetstream = connection.client.jetstream()
                cluster = (await jetstream.stream_info("KV_pennon")).cluster
                assert cluster is not None
                assert cluster.leader is not None
                acknowledged = 1
                for version in range(2, 12):
                    if version == 6:
                        nats.named(cluster.leader).kill()
                    await save_at_last(store, version)
                    acknowledged = version
                nats.named(cluster.leader).start()
                nats.named(cluster.leader).until_ready()
                async with asyncio.timeout(30):
                    while (found := await store.load(SHOP)) is None:
                        pass

        assert found == a_snapshot(acknowledged)


async def save_at_last(store: NatsDatafiles, version: int) -> None:
    """Save until it is acknowledged, as a publisher does."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await store.save(a_snapshot(version))
            except OSError:
                await asyncio.sleep(0)
