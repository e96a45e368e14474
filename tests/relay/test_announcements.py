"""Who the nodes below are, passed up in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx2
from msgspec import structs

from pennon.model.codec import decode
from pennon.model.messages import NodeAnnouncement, NodeAnnouncements
from pennon.relay.announcements import Announcements
from pennon.relay.uplink import Uplink
from tests.builders.relay import a_secret


class Parent:
    """Takes what is posted to it, with the statuses given and then 202."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses)
        self.posted: asyncio.Queue[tuple[NodeAnnouncement, ...]] = asyncio.Queue()

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/sync/v1/nodes"
        self.posted.put_nowait(decode(await request.aread(), NodeAnnouncements).nodes)
        return httpx2.Response(self._statuses.pop(0) if self._statuses else 202)

    async def told(self) -> tuple[NodeAnnouncement, ...]:
        """Return what is posted next."""
        async with asyncio.timeout(5):
            return await self.posted.get()


@asynccontextmanager
async def reporting(parent: Parent, *, most: int = 10_000) -> AsyncIterator[Announcements]:
    """Pass announcements on to *parent* for the length of a block."""
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(parent)) as client:
        uplink = Uplink(client, lambda: "http://parent.test", a_secret())
        announcements = Announcements(uplink, pause=0.0, most=most)
        task = asyncio.create_task(announcements.run())
        yield announcements
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def a_node(node: str, followers: int = 0) -> NodeAnnouncement:
    return NodeAnnouncement(
        node=node, role="edge", software="x", pop="ams", followers=followers, started_at=1
    )


class TestAnnouncements:
    async def test_the_newest_of_each(self) -> None:
        """What gathers goes up together, of each node the newest alone."""
        parent = Parent()
        async with reporting(parent) as announcements:
            announcements.take([a_node("one", 1), a_node("two")])
            announcements.take([a_node("one", 2)])

            assert await parent.told() == (a_node("one", 2), a_node("two"))

    async def test_once(self) -> None:
        """What the parent took is not told again."""
        parent = Parent()
        async with reporting(parent) as announcements:
            announcements.take([a_node("one")])
            await parent.told()
            announcements.take([a_node("two")])

            assert await parent.told() == (a_node("two"),)

    async def test_not_taken(self) -> None:
        """What it did not take is told again, as it stands by then."""
        parent = Parent(503)
        async with reporting(parent) as announcements:
            announcements.take([a_node("one", 1)])
            await parent.told()
            announcements.take([a_node("one", 2)])

            assert await parent.told() == (a_node("one", 2),)

    async def test_many(self) -> None:
        """Many go up in several requests, each small enough to be read."""
        parent = Parent()
        follows = tuple(f"shop/e{n}" for n in range(1500))
        nodes = [structs.replace(a_node(f"edge-{n}"), environments=follows) for n in range(6)]
        async with reporting(parent) as announcements:
            announcements.take(nodes)
            told = [await parent.told() for _ in range(3)]

        assert [node for batch in told for node in batch] == nodes

    async def test_bounded(self) -> None:
        """Nobody can fill the memory by naming nodes; those known go on."""
        parent = Parent()
        async with reporting(parent, most=2) as announcements:
            announcements.take([a_node(name) for name in ("one", "two", "three")])
            announcements.take([a_node("two", 7)])

            assert await parent.told() == (a_node("one"), a_node("two", 7))
