"""Opening on demand: L2, then L3, then the parent; dropped, and opened again."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from pennon.errors import NotFound, NotReady
from pennon.kv.base import MemoryKv
from pennon.kv.datafiles import Datafiles
from pennon.model.position import ACCESS
from pennon.relay.follower import Follower
from pennon.relay.on_demand import BeingOpened
from tests.builders.on_demand import (
    FLAGS,
    NAMES,
    CountingStore,
    WholeParent,
    a_follower,
    has,
    until,
)
from tests.builders.relay import a_change, a_position, a_snapshot


def ask(follower: Follower, name: str) -> None:
    """Ask for an environment that is not here, as a request does."""
    with pytest.raises(BeingOpened):
        follower.open(name)


def opened(follower: Follower) -> dict[tuple[str, str], int]:
    assert follower.on_demand is not None
    return dict(follower.on_demand.opened)


class TestStart:
    async def test_what_fits(self) -> None:
        """A node is ready with what fits; it asks its parent for no more than that."""
        parent = WholeParent()
        async with a_follower(parent, room=3) as follower:
            await asyncio.wait_for(follower.until_ready(), 5)

            assert follower.wanted() == {ACCESS, *NAMES[:3]}
            assert {name for asked in parent.asked for name in asked} <= {ACCESS, *NAMES[:3]}

    async def test_from_disk(self) -> None:
        """So it is with a dead parent and a full disk, of which no more is read."""
        store = CountingStore(*WholeParent().held.values())
        async with a_follower(
            WholeParent(alive=False), store, room=2, pinned=NAMES[4:5]
        ) as follower:
            assert follower.ready
            assert follower.wanted() == {ACCESS, NAMES[0], NAMES[4]}
            assert set(store.read) == {ACCESS, NAMES[0], NAMES[4]}

    async def test_opening_is_not_unready(self) -> None:
        """A node that opens another on demand is no less ready."""
        parent, store = WholeParent(), CountingStore()
        async with a_follower(parent, store, room=2) as follower:
            await asyncio.wait_for(follower.until_ready(), 5)
            await until(lambda: set(store.kept) >= follower.wanted())
            store.gate = asyncio.Event()
            ask(follower, NAMES[4])

            assert follower.ready


class TestOpening:
    async def test_from_disk(self) -> None:
        """What is on disk is open without the parent, and is stale until it is heard of."""
        store = CountingStore(*WholeParent().held.values())
        async with a_follower(WholeParent(alive=False), store) as follower:
            ask(follower, NAMES[4])
            await until(has(follower, NAMES[4]))
            await asyncio.sleep(0)

            assert opened(follower) == {("l2", "opened"): 1}
            assert follower.freshness.stale_ms(NAMES[4]) is not None

    async def test_from_l3(self) -> None:
        """What is not on disk is read from L3."""
        kept = WholeParent().held
        l3 = Datafiles(MemoryKv())
        for snapshot in kept.values():
            await l3.save(snapshot)
        store = CountingStore(kept[ACCESS], *(kept[name] for name in NAMES[:2]))
        async with a_follower(WholeParent(alive=False), store, l3=l3) as follower:
            ask(follower, NAMES[4])
            await until(has(follower, NAMES[4]))
            await asyncio.sleep(0)

            assert opened(follower) == {("l3", "opened"): 1}

    async def test_from_the_parent(self) -> None:
        """What is nowhere else comes from the parent, whose stream then carries it."""
        parent, store = WholeParent(), CountingStore()
        async with a_follower(parent, store) as follower:
            await asyncio.wait_for(follower.until_ready(), 5)
            await until(lambda: set(store.kept) >= follower.wanted())
            ask(follower, NAMES[4])
            await until(has(follower, NAMES[4]))
            await until(lambda: opened(follower) == {("parent", "opened"): 1})
            parent.publish(a_change(2, environment=NAMES[4]))
            await until(has(follower, NAMES[4], 2))

            assert parent.asked[-1].keys() == follower.wanted()
            assert len(follower.wanted()) == 3
            assert follower.freshness.stale_ms(NAMES[4]) is None

    async def test_single_flight(self) -> None:
        """However many ask, it is looked for once."""
        store = CountingStore(*WholeParent().held.values())
        async with a_follower(WholeParent(alive=False), store) as follower:
            for _ in range(50):
                ask(follower, NAMES[4])
            await until(has(follower, NAMES[4]))

            assert store.read.count(NAMES[4]) == 1

    async def test_catches_up(self) -> None:
        """One that comes back is asked for from where the disk has it, and is current soon."""
        parent = WholeParent()
        store = CountingStore(*parent.held.values())
        parent.move(NAMES[4], 7)
        async with a_follower(parent, store) as follower:
            await asyncio.wait_for(follower.until_ready(), 5)
            ask(follower, NAMES[4])
            await until(has(follower, NAMES[4], 7))

            assert parent.asked[-1][NAMES[4]] == a_position(1)

    async def test_the_parent_is_faster(self) -> None:
        """What comes late from disk changes nothing, and what is newer is kept there after all."""
        parent, store = WholeParent(), CountingStore(a_snapshot(1, FLAGS, environment=NAMES[4]))
        async with a_follower(parent, store) as follower:
            await asyncio.wait_for(follower.until_ready(), 5)
            await until(lambda: set(store.kept) >= follower.wanted())
            store.gate = asyncio.Event()
            ask(follower, NAMES[4])
            follower.replicas.open(NAMES[4]).replace(a_snapshot(5, FLAGS, environment=NAMES[4]))
            store.gate.set()
            await until(lambda: store.kept[NAMES[4]].position == a_position(5))

            assert has(follower, NAMES[4], 5)()

    async def test_not_granted(self) -> None:
        """What the node's key does not open is not there, and is looked for nowhere."""
        store = CountingStore(*WholeParent().held.values())
        async with a_follower(WholeParent(alive=False), store) as follower:
            before = len(store.read)
            with pytest.raises(NotFound):
                follower.open("shop/elsewhere")

            assert len(store.read) == before
            assert opened(follower) == {}

    async def test_no_room(self) -> None:
        """Where all is pinned or just opened, who asks is told when to come back."""
        store = CountingStore(*WholeParent().held.values())
        async with a_follower(
            WholeParent(alive=False), store, room=2, pinned=NAMES[:1]
        ) as follower:
            ask(follower, NAMES[4])
            await until(has(follower, NAMES[4]))
            with pytest.raises(NotReady) as refused:
                follower.open(NAMES[5])

            assert not isinstance(refused.value, BeingOpened)
            assert 1 <= refused.value.retry_after <= 10
            assert ("none", "refused") in opened(follower)


class TestDropping:
    async def test_forgotten(self) -> None:
        """What is dropped is gone from the node, and its parent is not asked for it."""
        parent, store = WholeParent(), CountingStore()
        async with a_follower(parent, store) as follower:
            await asyncio.wait_for(follower.until_ready(), 5)
            await until(lambda: set(store.kept) >= follower.wanted())
            dropped = follower.replicas.open(NAMES[1])
            ask(follower, NAMES[4])
            await until(lambda: parent.asked[-1].keys() == {ACCESS, NAMES[0], NAMES[4]})

            assert dropped.forgotten
            assert NAMES[1] not in follower.replicas
            assert follower.freshness.stale_ms(NAMES[1]) is not None

    async def test_used_stays(self) -> None:
        """What somebody follows here is not dropped."""
        parent, store = WholeParent(), CountingStore()
        async with a_follower(parent, store) as follower:
            follower.replicas.is_used_by(lambda name: name == NAMES[1])
            await asyncio.wait_for(follower.until_ready(), 5)
            await until(lambda: set(store.kept) >= follower.wanted())
            ask(follower, NAMES[4])

            assert follower.wanted() == {ACCESS, NAMES[1], NAMES[4]}

    async def test_dropped_and_opened_again_on_one_stream(self) -> None:
        """What the stream still says of the one before is let pass, and costs no waiting."""
        parent, store = WholeParent(), CountingStore()
        async with a_follower(parent, store, room=1) as follower:
            await asyncio.wait_for(follower.until_ready(), 5)
            await until(lambda: set(store.kept) >= follower.wanted())
            store.kept[NAMES[0]] = a_snapshot(0, FLAGS, environment=NAMES[0])
            assert follower.on_demand is not None
            follower.on_demand.working_set.withdraw(NAMES[0])
            ask(follower, NAMES[0])
            parent.publish(a_change(2, environment=NAMES[0]))
            await until(has(follower, NAMES[0]))

            assert follower.replicas.taken.total() > 0
            assert all(verdict.name != "GAP" for _, verdict in follower.replicas.taken)

    async def test_a_revoked_grant(self) -> None:
        """What is granted no more is neither held nor opened."""
        parent, store = WholeParent(), CountingStore()
        async with a_follower(parent, store) as follower:
            await asyncio.wait_for(follower.until_ready(), 5)
            gone = a_change(2, NAMES[0], None, kind="environment", environment=ACCESS)
            parent.publish(gone)
            await until(lambda: NAMES[0] not in follower.replicas)
            with pytest.raises(NotFound):
                follower.open(NAMES[0])


async def test_many_by_turns() -> None:
    """Who asks for all by turns is answered for each in the end, within the budget."""
    parent, store = WholeParent(), CountingStore()
    async with a_follower(parent, store, room=2) as follower:
        assert follower.on_demand is not None
        working_set = follower.on_demand.working_set
        await asyncio.wait_for(follower.until_ready(), 5)
        answered: set[str] = set()
        async with asyncio.timeout(30):
            while answered != set(NAMES):
                for name in NAMES:
                    if has(follower, name)():
                        answered.add(name)
                        continue
                    with suppress(NotReady):
                        follower.open(name)
                await asyncio.sleep(0.01)
                assert working_set.used <= working_set.budget
