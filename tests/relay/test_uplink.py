"""What a node tells its parent: at once, then paced, then all again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx2
import pytest

from pennon.model.codec import decode
from pennon.model.messages import Acks, Applied, PopAcks
from pennon.model.position import ACCESS
from pennon.relay.acks import AckBoard
from pennon.relay.freshness import Freshness
from pennon.relay.replicas import Replicas
from pennon.relay.uplink import AckReporter, Uplink
from tests.builders.relay import (
    SHOP,
    Clock,
    a_change,
    a_heartbeat,
    a_secret,
    a_snapshot,
    an_epoch,
)

KEY = a_secret()
FAULT = -1


class Parent:
    """Takes what is posted to it, with the statuses given and then 202."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses)
        self.posted: asyncio.Queue[httpx2.Request] = asyncio.Queue()

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.posted.put_nowait(request)
        status = self._statuses.pop(0) if self._statuses else 202
        if status == 0:
            raise httpx2.ConnectError("nobody there")
        if status == FAULT:
            raise RuntimeError("a fault of ours")
        return httpx2.Response(status)

    async def request(self) -> httpx2.Request:
        """Return the next request."""
        async with asyncio.timeout(5):
            return await self.posted.get()

    async def acks(self) -> Acks:
        """Return the next acks."""
        return decode((await self.request()).content, Acks)


class Node:
    """A node with one replica that reports to *parent*."""

    def __init__(
        self, client: httpx2.AsyncClient, *, pause: float, repeat: float, own: bool
    ) -> None:
        self.clock, self.wall = Clock(), Clock(2_000.0)
        self.replicas = Replicas()
        self.freshness = Freshness(self.clock, self.wall)
        self.reporter = AckReporter(
            Uplink(client, lambda: "http://parent.test/prefix/", KEY),
            AckBoard(self.clock),
            self.replicas,
            self.freshness,
            pop="ams",
            region="eu",
            node="edge-1",
            wall=self.wall,
            clock=self.clock,
            pause=pause,
            repeat=repeat,
            own=own,
        )
        self.replica = self.replicas.open(SHOP)


@asynccontextmanager
async def a_node(
    parent: Parent, *, pause: float = 0.0, repeat: float = 30.0, own: bool = True
) -> AsyncIterator[Node]:
    """Run a node's reporter for the length of a block."""
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(parent)) as client:
        node = Node(client, pause=pause, repeat=repeat, own=own)
        task = asyncio.create_task(node.reporter.run())
        yield node
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def versions(acks: Acks) -> dict[str, list[int]]:
    """Return the shop's versions by PoP."""
    return {pop.pop: [ack.version for ack in pop.applied[SHOP]] for pop in acks.pops}


class TestReporting:
    async def test_at_once(self) -> None:
        """What is applied is told at once, as the holder of the node's key."""
        parent = Parent()
        async with a_node(parent) as node:
            node.replica.replace(a_snapshot(4))
            request = await parent.request()

        assert request.url == "http://parent.test/prefix/sync/v1/acks"
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        assert decode(request.content, Acks) == Acks(
            node="edge-1",
            pops=(
                PopAcks(
                    pop="ams",
                    region="eu",
                    nodes=("edge-1",),
                    applied={SHOP: (Applied(epoch=an_epoch(), version=4, applied_at=2_000_000),)},
                ),
            ),
        )

    async def test_the_parents_clock(self) -> None:
        """The time is the parent's, as its heartbeats tell it."""
        parent = Parent()
        async with a_node(parent) as node:
            node.freshness.heard(a_heartbeat(4, time=2_000_700))
            node.replica.replace(a_snapshot(4))
            acks = await parent.acks()

        assert acks.pops[0].applied[SHOP][0].applied_at == 2_000_700

    async def test_one_report_for_a_burst(self) -> None:
        """Of a burst only the newest is told: it covers what lies below."""
        parent = Parent()
        async with a_node(parent) as node:
            node.replica.replace(a_snapshot(4))
            for version in range(5, 20):
                node.replica.apply(a_change(version))

            assert versions(await parent.acks()) == {"ams": [19]}

    async def test_paced(self) -> None:
        """After a report there is a pause, in which the next changes gather."""
        parent = Parent()
        async with a_node(parent, pause=0.02) as node:
            node.replica.replace(a_snapshot(4))
            await parent.acks()
            for version in range(5, 9):
                node.replica.apply(a_change(version))
                await asyncio.sleep(0)

            assert versions(await parent.acks()) == {"ams": [8]}

    async def test_not_access(self) -> None:
        """Nobody asks who has `$access`."""
        parent = Parent()
        async with a_node(parent) as node:
            node.replicas.open(ACCESS).replace(a_snapshot(9, environment=ACCESS))
            node.replica.replace(a_snapshot(4))
            acks = await parent.acks()

        assert list(acks.pops[0].applied) == [SHOP]

    @pytest.mark.parametrize("status", [0, 401, 500, 503])
    async def test_parent_fails(self, status: int) -> None:
        """What the parent did not take is told again."""
        parent = Parent(status)
        async with a_node(parent) as node:
            node.replica.replace(a_snapshot(4))

            assert await parent.acks() == await parent.acks()

    @pytest.mark.parametrize("status", [400, 413])
    async def test_parent_refuses(self, status: int) -> None:
        """What it will never take does not keep back what comes after."""
        parent = Parent(status)
        async with a_node(parent) as node:
            node.replica.replace(a_snapshot(4))
            refused = versions(await parent.acks())
            ack = Applied(epoch=an_epoch(), version=3, applied_at=5)
            node.reporter.merge(
                Acks(node="below", pops=(PopAcks(pop="fra", applied={SHOP: (ack,)}),))
            )

            assert refused == {"ams": [4]}
            assert versions(await parent.acks()) == {"fra": [3]}

    async def test_fault_of_ours(self) -> None:
        """An error that nobody foresaw does not end the reports."""
        parent = Parent(FAULT)
        async with a_node(parent) as node:
            node.replica.replace(a_snapshot(4))

            assert await parent.acks() == await parent.acks()

    async def test_followers(self) -> None:
        """A follower's acks go up with one's own."""
        parent = Parent()
        async with a_node(parent) as node:
            ack = Applied(epoch=an_epoch(), version=3, applied_at=5)
            node.reporter.merge(
                Acks(node="below", pops=(PopAcks(pop="fra", applied={SHOP: (ack,)}),))
            )

            assert versions(await parent.acks()) == {"fra": [3]}

    async def test_for_others_alone(self) -> None:
        """A connector, which serves nobody, acknowledges nothing of its own."""
        parent = Parent()
        async with a_node(parent, own=False) as node:
            node.replica.replace(a_snapshot(4))
            ack = Applied(epoch=an_epoch(), version=3, applied_at=5)
            node.reporter.merge(
                Acks(node="below", pops=(PopAcks(pop="fra", applied={SHOP: (ack,)}),))
            )

            assert versions(await parent.acks()) == {"fra": [3]}

    async def test_many_pops(self) -> None:
        """Many PoPs go up in several requests, each small enough to be read."""
        parent = Parent(500)
        ack = Applied(epoch=an_epoch(), version=3, applied_at=5)
        applied: dict[str, tuple[Applied, ...]] = {f"shop/e{n}": (ack,) for n in range(999)}
        pops = tuple(PopAcks(pop=f"pop-{n}", nodes=("a",), applied=applied) for n in range(6))
        async with a_node(parent) as node:
            node.reporter.merge(Acks(node="below", pops=pops))
            await parent.acks()
            told = [await parent.acks() for _ in range(3)]

        assert [len(acks.pops) for acks in told] == [2, 2, 2]
        assert {pop.pop for acks in told for pop in acks.pops} == {pop.pop for pop in pops}


class TestRepeating:
    async def test_in_silence(self) -> None:
        """All is told again from time to time, for a parent that has forgotten it."""
        parent = Parent()
        async with a_node(parent, repeat=0.0) as node:
            node.replica.replace(a_snapshot(4))

            assert versions(await parent.acks()) == {"ams": [4]}
            assert versions(await parent.acks()) == {"ams": [4]}

    async def test_under_steady_changes(self) -> None:
        """So it is when something changes all the time."""
        parent = Parent()
        ack = Applied(epoch=an_epoch(), version=3, applied_at=5)
        async with a_node(parent, repeat=30.0) as node:
            node.reporter.merge(
                Acks(node="below", pops=(PopAcks(pop="fra", applied={SHOP: (ack,)}),))
            )
            await parent.acks()
            node.replica.replace(a_snapshot(4))
            alone = versions(await parent.acks())
            node.clock.now += 30
            node.replica.apply(a_change(5))

            assert alone == {"ams": [4]}
            assert versions(await parent.acks()) == {"ams": [5], "fra": [3]}

    async def test_long_quiet(self) -> None:
        """A node on which nothing changes for long still tells what it has."""
        parent = Parent()
        async with a_node(parent, repeat=0.0) as node:
            node.replica.replace(a_snapshot(4))
            for _ in range(5):
                node.clock.now += 60
                told = await parent.acks()

        assert versions(told) == {"ams": [4]}
