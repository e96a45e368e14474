"""A follower: ready from whatever tier, and keeping what it has."""

from __future__ import annotations

import asyncio

import pytest

from pennon.errors import SourceLost
from pennon.kv.base import MemoryKv
from pennon.kv.datafiles import Datafiles
from pennon.model.access import hash_key
from pennon.model.messages import Snapshot
from pennon.model.position import ACCESS
from pennon.relay.access import Access
from pennon.relay.follower import Follower
from tests.builders.relay import (
    SHOP,
    ScriptedSource,
    a_change,
    a_key_change,
    a_position,
    a_secret,
    a_snapshot,
    an_access,
    an_access_key,
)

STAGING = "shop/staging"
OWN = a_secret(1)
GRANTED = an_access(an_access_key(OWN, SHOP), environments=(SHOP, STAGING))


class Store:
    """Datafiles in memory."""

    def __init__(self, *kept: Snapshot) -> None:
        self.kept = {snapshot.environment: snapshot for snapshot in kept}

    async def load(self, environment: str) -> Snapshot | None:
        return self.kept.get(environment)

    async def save(self, snapshot: Snapshot) -> None:
        self.kept[snapshot.environment] = snapshot


def granted_to_own(access: Access) -> frozenset[str] | None:
    """Return what the node's own key opens, as an edge does."""
    key = access.key_by_hash(hash_key(OWN), 0)
    return None if key is None else access.granted(key)


def a_follower(source: ScriptedSource, *kept: Snapshot) -> tuple[Follower, Store]:
    store = Store(*kept)
    return Follower(source, granted_to_own, store=store), store


async def until_ready(follower: Follower) -> None:
    async with asyncio.timeout(5):
        await follower.until_ready()


async def until_silent(source: ScriptedSource) -> None:
    async with asyncio.timeout(5):
        await source.silent.wait()


class TestStarting:
    async def test_from_the_parent(self) -> None:
        """`$access` says what to follow; once that is loaded, the node is ready."""
        source = ScriptedSource([GRANTED], [a_snapshot(3)])
        follower, _ = a_follower(source)
        async with follower:
            await until_ready(follower)

            assert follower.replicas.open(SHOP).position == a_position(3)
            assert follower.wanted() == {ACCESS, SHOP}
            assert follower.freshness.stale_ms(SHOP) is None
        assert source.asked[1] == {ACCESS: a_position(1), SHOP: None}

    async def test_from_disk(self) -> None:
        """With a dead parent a node is ready from its disk, and says that it is stale."""
        source = ScriptedSource([SourceLost("nobody there")])
        follower, _ = a_follower(source, GRANTED, a_snapshot(3))
        async with follower:
            assert follower.ready
            assert follower.replicas.open(SHOP).position == a_position(3)
            assert follower.freshness.stale_ms(SHOP) is not None

    async def test_nothing(self) -> None:
        """Without a parent or a disk a node is not ready, and waits."""
        source = ScriptedSource()
        follower, _ = a_follower(source)
        async with follower:
            await until_silent(source)

            assert not follower.ready

    async def test_half(self) -> None:
        """A node that has only some of what it must serve is not ready."""
        source = ScriptedSource()
        follower, _ = a_follower(source, GRANTED)
        async with follower:
            assert not follower.ready

    async def test_access_older_than_the_key(self) -> None:
        """A node that cannot tell yet what it must serve is not ready with nothing."""
        source = ScriptedSource()
        follower, _ = a_follower(source, an_access(environments=(SHOP,)))
        async with follower:
            await until_silent(source)

            assert follower.access.loaded
            assert not follower.ready

    async def test_from_l3(self) -> None:
        """A node whose parent is silent starts from what the origin left in L3."""
        l3 = Datafiles(MemoryKv())
        for snapshot in (GRANTED, a_snapshot(8)):
            await l3.save(snapshot)
        follower = Follower(ScriptedSource(), granted_to_own, store=Store(), l3=l3)
        assert follower.fallback is not None
        await follower.fallback.look()

        assert follower.ready
        assert follower.replicas.open(SHOP).position == a_position(8)
        assert follower.replicas.open(SHOP).fed_by == "l3"

    async def test_l3_has_no_locks_of_ours(self) -> None:
        """What the node's key does not open, or opens no more, is not read from L3 either."""
        l3 = Datafiles(MemoryKv())
        revoked = an_access(an_access_key(OWN, SHOP, revoked=True), version=2)
        for snapshot in (revoked, a_snapshot(8), a_snapshot(9, environment=STAGING)):
            await l3.save(snapshot)
        follower = Follower(ScriptedSource(), granted_to_own, store=Store(), l3=l3)
        for held in (GRANTED, a_snapshot(3)):
            follower.replicas.open(held.environment).replace(held)
        assert follower.fallback is not None
        await follower.fallback.look()

        assert follower.access.key(OWN, 0) is None
        assert follower.replicas.open(SHOP).position == a_position(3)
        assert STAGING not in follower.replicas


class TestGrants:
    async def test_own_key_gone(self) -> None:
        """A node whose own key is revoked keeps what it has: stale beats error."""
        revoked = an_access_key(OWN, SHOP, revoked=True)
        source = ScriptedSource([GRANTED], [a_snapshot(3), a_key_change(2, revoked), a_change(4)])
        follower, _ = a_follower(source)
        async with follower:
            await until_silent(source)

            assert follower.wanted() == {ACCESS, SHOP}
            assert follower.replicas.open(SHOP).position == a_position(4)
            assert follower.ready

    async def test_widened(self) -> None:
        """A wider grant is followed at once; until it is loaded the node is not ready."""
        wider = an_access_key(OWN, SHOP, STAGING)
        source = ScriptedSource([GRANTED], [a_snapshot(3), a_key_change(2, wider)])
        follower, _ = a_follower(source)
        async with follower:
            await until_silent(source)

            assert source.asked[-1] == {ACCESS: a_position(2), SHOP: a_position(3), STAGING: None}
            assert not follower.ready

    async def test_narrowed(self) -> None:
        """What is granted no longer is forgotten."""
        none = an_access_key(OWN, STAGING)
        source = ScriptedSource([GRANTED], [a_snapshot(3), a_key_change(2, none)])
        follower, _ = a_follower(source)
        async with follower:
            await until_silent(source)

            assert SHOP not in follower.replicas


class TestKeeping:
    async def test_written_at_the_end(self) -> None:
        """What moved last is on the disk when the follower has closed."""
        source = ScriptedSource([GRANTED], [a_snapshot(3), a_change(4)])
        follower, store = a_follower(source)
        async with follower:
            await until_silent(source)

        assert store.kept[SHOP].position == a_position(4)
        assert store.kept[ACCESS] == GRANTED

    async def test_no_task_outlives_it(self) -> None:
        """Closing ends all that it started."""
        follower, _ = a_follower(ScriptedSource())
        async with follower:
            pass

        assert asyncio.all_tasks() == {asyncio.current_task()}

    async def test_an_error_passes_through(self) -> None:
        """An error in the block is raised, with everything closed."""
        follower, _ = a_follower(ScriptedSource())

        with pytest.raises(KeyError):
            async with follower:
                raise KeyError
