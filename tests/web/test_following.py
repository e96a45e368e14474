"""One node follows another over a real socket: the stream's two ends, held to each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager

import httpx2

from pennon.model.access import AccessKey, hash_key
from pennon.model.messages import Snapshot
from pennon.model.position import ACCESS, Position
from pennon.relay.access import Access
from pennon.relay.follower import Follower
from pennon.relay.upstream import SseUpstream
from pennon.web import server
from pennon.web.bare import BareServer
from pennon.web.data_plane import DataPlane
from pennon.web.handler import Answer, Request
from tests.builders.relay import (
    SHOP,
    a_change,
    a_key_change,
    a_position,
    a_secret,
    a_snapshot,
    an_access,
    an_access_key,
    some_flags,
)
from tests.builders.web import ANode

STAGING = "shop/staging"
OWN = a_secret(40)
WIDE, NARROW = an_access_key(OWN, SHOP, STAGING), an_access_key(OWN, SHOP)


class Store:
    """Datafiles in memory."""

    def __init__(self, *kept: Snapshot) -> None:
        self.kept = {snapshot.environment: snapshot for snapshot in kept}

    async def load(self, environment: str) -> Snapshot | None:
        return self.kept.get(environment)

    async def save(self, snapshot: Snapshot) -> None:
        self.kept[snapshot.environment] = snapshot


def a_parent(key: AccessKey, *held: Snapshot) -> ANode:
    """Return a node that holds *held*, in which the child's key is *key*."""
    node = ANode(*held, keys=(key,), environments=(SHOP, STAGING))
    node.replicas.open(ACCESS).apply(a_key_change(2, key))
    return node


@asynccontextmanager
async def a_child(
    parent: ANode, kept: Sequence[Snapshot] = (), asked: asyncio.Queue[Request] | None = None
) -> AsyncIterator[Follower]:
    """
    Follow *parent* for the length of a block, starting from what was *kept*.

    What the parent is asked is put into *asked*.
    """
    plane = DataPlane(*parent.parts)

    def answer(request: Request) -> Answer | Awaitable[Answer]:
        if asked is not None:
            asked.put_nowait(request)
        return plane.answer(request)

    bare = BareServer(answer)
    bound = server.bind("127.0.0.1", 0)
    async with bare.listening(bound), httpx2.AsyncClient() as client:
        follower = Follower(
            SseUpstream(client, server.url_of(bound), OWN), _granted, store=Store(*kept)
        )
        async with follower:
            yield follower


def _granted(access: Access) -> frozenset[str] | None:
    key = access.key_by_hash(hash_key(OWN), 0)
    return None if key is None else access.granted(key)


async def until(follower: Follower, environment: str, position: Position) -> None:
    """Wait until the follower holds *environment* at *position*."""
    moved = asyncio.Event()
    follower.replicas.watch(lambda replica, news: moved.set())
    async with asyncio.timeout(10):
        while (held := follower.replicas.get(environment)) is None or held.position != position:
            moved.clear()
            await moved.wait()


class TestFollowing:
    async def test_from_nothing(self) -> None:
        """A child learns what it may follow, follows it, and hears what happens."""
        parent = a_parent(WIDE, a_snapshot(4, some_flags(3)), a_snapshot(9, environment=STAGING))
        async with a_child(parent) as child:
            await until(child, SHOP, a_position(4))
            await until(child, STAGING, a_position(9))
            parent.replicas.open(SHOP).apply(a_change(5))
            await until(child, SHOP, a_position(5))

            assert child.ready
            assert child.replicas.open(SHOP).items == parent.replicas.open(SHOP).items
            assert child.replicas.open(SHOP).digest == parent.replicas.open(SHOP).digest

    async def test_large(self) -> None:
        """A large environment arrives whole."""
        parent = a_parent(NARROW, a_snapshot(4, some_flags(20_000)))
        async with a_child(parent) as child:
            await until(child, SHOP, a_position(4))

            assert child.replicas.open(SHOP).items == some_flags(20_000)

    async def test_narrowed_while_away(self) -> None:
        """A child whose grant narrowed while it was away learns of it, and goes on."""
        parent = a_parent(NARROW, a_snapshot(4))
        kept = [
            an_access(WIDE, environments=(SHOP, STAGING)),
            a_snapshot(3),
            a_snapshot(9, environment=STAGING),
        ]
        async with a_child(parent, kept) as child:
            await until(child, SHOP, a_position(4))

            assert child.wanted() == {ACCESS, SHOP}
            assert STAGING not in child.replicas

    async def test_widened_while_connected(self) -> None:
        """A wider grant is followed as soon as it is heard of."""
        parent = a_parent(NARROW, a_snapshot(4), a_snapshot(9, environment=STAGING))
        async with a_child(parent) as child:
            await until(child, SHOP, a_position(4))
            parent.replicas.open(ACCESS).apply(a_key_change(3, WIDE))
            await until(child, STAGING, a_position(9))

            assert child.ready

    async def test_revoked(self) -> None:
        """A child whose own key is revoked keeps what it has, and is let in no more."""
        parent, asked = a_parent(NARROW, a_snapshot(4)), asyncio.Queue[Request]()
        async with a_child(parent, asked=asked) as child:
            await until(child, SHOP, a_position(4))
            revoked = an_access_key(OWN, SHOP, revoked=True)
            parent.replicas.open(ACCESS).apply(a_key_change(3, revoked))
            parent.replicas.open(SHOP).apply(a_change(5))
            async with asyncio.timeout(10):
                for _ in range(3):  # for `$access`, for all of it, and once it was cut off
                    await asked.get()

            assert child.ready
            assert child.replicas.open(SHOP).position == a_position(4)
