"""The tiers below memory: where a node starts from, and what it leaves behind."""

from __future__ import annotations

import asyncio

import pytest

from pennon.model.messages import Snapshot
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas
from pennon.relay.tiers import Keeper, warm, warm_all
from tests.builders.relay import SHOP, a_change, a_position, a_snapshot

STAGING = "shop/staging"


class Store:
    """Keeps snapshots in memory; `faults` are raised by the next saves, one each."""

    def __init__(self, *kept: Snapshot) -> None:
        self.kept = {snapshot.environment: snapshot for snapshot in kept}
        self.saved: list[tuple[str, Position]] = []
        self.faults: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.saving = asyncio.Event()

    async def load(self, environment: str) -> Snapshot | None:
        return self.kept.get(environment)

    async def save(self, snapshot: Snapshot) -> None:
        self.saving.set()
        await self.gate.wait()
        if self.faults:
            raise self.faults.pop()
        self.kept[snapshot.environment] = snapshot
        self.saved.append((snapshot.environment, snapshot.position))


class TestWarm:
    @pytest.mark.parametrize(
        ("stores", "version"),
        [
            ([Store(a_snapshot(3)), Store(a_snapshot(2))], 3),
            ([Store(a_snapshot(2)), Store(a_snapshot(3))], 3),
            ([Store(), Store(a_snapshot(2))], 2),
            ([Store(a_snapshot(9)), Store(a_snapshot(1, epoch=2))], 1),
        ],
        ids=["L2 newer", "L3 newer", "L3 alone", "newer epoch"],
    )
    async def test_newest(self, stores: list[Store], version: int) -> None:
        """The newest of all tiers is taken."""
        replica = Replica(SHOP)

        assert await warm(replica, stores)
        assert replica.position is not None
        assert replica.position.version == version

    async def test_nothing(self) -> None:
        """Where no tier has it, the replica stays empty."""
        replica = Replica(SHOP)

        assert not await warm(replica, [Store(), Store()])
        assert replica.position is None

    async def test_somebody_elses(self) -> None:
        """A datafile that names another environment is not taken for this one's."""
        store = Store()
        store.kept[SHOP] = a_snapshot(1, environment=STAGING)

        assert not await warm(Replica(SHOP), [store])

    async def test_all(self) -> None:
        """Only what holds nothing yet is filled."""
        replicas = Replicas()
        replicas.open(SHOP).replace(a_snapshot(7))
        await warm_all(
            replicas, [SHOP, STAGING], [Store(a_snapshot(9), a_snapshot(2, environment=STAGING))]
        )

        assert replicas.open(SHOP).position == a_position(7)
        assert replicas.open(STAGING).position == a_position(2)


class TestKeeper:
    async def test_writes_what_moved(self) -> None:
        """What has moved is written once, at the position where it is by then."""
        replicas, store = Replicas(), Store()
        keeper = Keeper(replicas, store)
        replicas.open(SHOP).replace(a_snapshot(1))
        replicas.open(SHOP).apply(a_change(2))
        replicas.open(STAGING)

        assert await keeper.flush()
        assert await keeper.flush()
        assert store.saved == [(SHOP, a_position(2))]

    async def test_moves_while_it_is_written(self) -> None:
        """A change that comes during a write is neither in that write nor lost."""
        replicas, store = Replicas(), Store()
        keeper = Keeper(replicas, store)
        replica = replicas.open(SHOP)
        replica.replace(a_snapshot(1))
        store.gate.clear()
        writing = asyncio.create_task(keeper.flush())
        await store.saving.wait()
        replica.apply(a_change(2))
        store.gate.set()

        assert not await writing
        assert store.kept[SHOP] == a_snapshot(1)
        assert await keeper.flush()
        assert store.kept[SHOP].position == a_position(2)

    @pytest.mark.parametrize("fault", [OSError("no space left"), RuntimeError("a bug")])
    async def test_failing_store(self, fault: Exception) -> None:
        """A write that fails is counted and owed, and holds no other up."""
        replicas, store = Replicas(), Store()
        keeper = Keeper(replicas, store)
        for name in (SHOP, STAGING):
            replicas.open(name).replace(a_snapshot(1, environment=name))
        store.faults = [fault]

        assert not await keeper.flush()
        assert keeper.failures == 1
        assert [name for name, _ in store.saved] == [STAGING]
        assert await keeper.flush()
        assert [name for name, _ in store.saved] == [STAGING, SHOP]

    async def test_told_once(self, caplog: pytest.LogCaptureFixture) -> None:
        """A disk that stays full does not fill the log as well."""
        replicas, store = Replicas(), Store()
        keeper = Keeper(replicas, store)
        replicas.open(SHOP).replace(a_snapshot(1))
        store.faults = [OSError("no space left")] * 3
        for _ in range(3):
            assert not await keeper.flush()

        assert keeper.failures == 3
        assert [record.message for record in caplog.records] == ["datafile_not_kept"]

    async def test_stopped_within_a_write(self) -> None:
        """A write that is cancelled half way is still owed."""
        replicas, store = Replicas(), Store()
        keeper = Keeper(replicas, store, pause=0)
        replicas.open(SHOP).replace(a_snapshot(1))
        store.gate.clear()
        task = asyncio.create_task(keeper.run())
        await store.saving.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        store.gate.set()

        assert await keeper.flush()
        assert store.saved == [(SHOP, a_position(1))]

    async def test_runs(self) -> None:
        """It writes as replicas move, and tries again what failed without being woken."""
        replicas = Replicas()
        kept = asyncio.Event()

        class Telling(Store):
            async def save(self, snapshot: Snapshot) -> None:
                await super().save(snapshot)
                kept.set()

        store = Telling()
        store.faults = [OSError("no space left")] * 2
        keeper = Keeper(replicas, store, pause=0)
        task = asyncio.create_task(keeper.run())
        replicas.open(SHOP).replace(a_snapshot(1))
        async with asyncio.timeout(5):
            await kept.wait()
        task.cancel()

        assert keeper.failures == 2
        assert store.saved == [(SHOP, a_position(1))]
