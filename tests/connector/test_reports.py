"""A node's reports: its own, and those of the nodes below it."""

from __future__ import annotations

import asyncio

import httpx2
from msgspec import structs

from pennon.connector.reports import UpwardReports
from pennon.connector.settings import ConnectorSettings
from pennon.model.codec import decode
from pennon.model.messages import Acks, Applied, NodeAnnouncement, NodeAnnouncements, PopAcks
from pennon.model.position import ACCESS
from pennon.relay.follower import Follower
from pennon.relay.uplink import Uplink
from pennon.web.fanout import Fanout
from tests.builders.relay import (
    SHOP,
    ScriptedSource,
    a_heartbeat,
    a_secret,
    a_snapshot,
    an_access,
    an_access_key,
    an_epoch,
)

KEY = a_secret()
PARENT = "http://user:secret@parent.test:8622/prefix"
STAGING = "shop/staging"
BELOW = NodeAnnouncement(node="below", role="edge", software="x", pop="fra", started_at=1)


class Parent:
    """Keeps what is posted to it, by path."""

    def __init__(self) -> None:
        self.acks: asyncio.Queue[Acks] = asyncio.Queue()
        self.nodes: asyncio.Queue[NodeAnnouncement] = asyncio.Queue()

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        if request.url.path == "/sync/v1/acks":
            self.acks.put_nowait(decode(body, Acks))
        else:
            for node in decode(body, NodeAnnouncements).nodes:
                self.nodes.put_nowait(node)
        return httpx2.Response(202)


def a_follower() -> Follower:
    """Return a follower that is ready."""
    follower = Follower(ScriptedSource(), lambda access: access.environments)
    follower.replicas.open(ACCESS).replace(an_access(an_access_key(KEY)))
    follower.replicas.open(SHOP).replace(a_snapshot(6))
    return follower


def reports(parent: Parent, follower: Follower) -> UpwardReports:
    settings = ConnectorSettings(
        parent=("http://parent.test",),
        key=KEY,
        node="edge-1",
        pop="ams",
        region="eu",
        lat=52,
        lon=5,
    )
    client = httpx2.AsyncClient(transport=httpx2.MockTransport(parent))
    uplink = Uplink(client, lambda: settings.parent[0], KEY)
    return UpwardReports(
        settings, "edge", follower, Fanout(follower.replicas), uplink, lambda: PARENT
    )


class TestReports:
    async def test_who_it_is(self) -> None:
        """A node says who it is as soon as it runs."""
        parent, follower = Parent(), a_follower()
        for name in (ACCESS, SHOP):
            follower.freshness.heard(a_heartbeat(environment=name))
        async with reports(parent, follower).running(), asyncio.timeout(5):
            told = await parent.nodes.get()

        assert (told.node, told.role, told.pop, told.region) == ("edge-1", "edge", "ams", "eu")
        assert (told.latitude, told.longitude) == (52, 5)
        assert (told.environments, told.followers, told.lag_ms) == ((SHOP,), 0, 0)
        assert told.software.startswith("pennon/")
        assert told.parent == "parent.test:8622"

    async def test_what_it_applied(self) -> None:
        """It acknowledges what it takes."""
        parent, follower = Parent(), a_follower()
        async with reports(parent, follower).running(), asyncio.timeout(5):
            follower.replicas.open(SHOP).replace(a_snapshot(7))
            told = await parent.acks.get()

        (pop,) = told.pops
        assert (told.node, pop.pop, pop.region) == ("edge-1", "ams", "eu")
        assert [(ack.epoch, ack.version) for ack in pop.applied[SHOP]] == [(an_epoch(), 7)]

    async def test_from_below(self) -> None:
        """It passes on what nodes below it say, as theirs."""
        parent = Parent()
        ack = Applied(epoch=an_epoch(), version=3, applied_at=5)
        edge = reports(parent, a_follower())
        async with edge.running(), asyncio.timeout(5):
            await parent.nodes.get()
            await edge.nodes([BELOW])
            await edge.acks(Acks(node="below", pops=(PopAcks(pop="fra", applied={SHOP: (ack,)}),)))

            assert await parent.nodes.get() == BELOW
            (told,) = (await parent.acks.get()).pops
            assert (told.pop, told.nodes, told.applied) == ("fra", ("below",), {SHOP: (ack,)})

    async def test_followed_no_longer(self) -> None:
        """What a node below follows no longer is not said of it any more."""
        parent = Parent()
        acks: dict[str, tuple[Applied, ...]] = {
            name: (Applied(epoch=an_epoch(), version=3, applied_at=5),) for name in (SHOP, STAGING)
        }
        connector = reports(parent, a_follower())
        await connector.acks(Acks(node="below", pops=(PopAcks(pop="fra", applied=acks),)))
        await connector.nodes([structs.replace(BELOW, environments=(SHOP,))])
        async with connector.running(), asyncio.timeout(5):
            (told,) = (await parent.acks.get()).pops

        assert list(told.applied) == [SHOP]

    async def test_dropped(self) -> None:
        """What it drops, and what it opens again, is told at once: nobody waits for it."""
        parent, follower = Parent(), a_follower()
        async with reports(parent, follower).running(), asyncio.timeout(5):
            assert (await parent.nodes.get()).environments == (SHOP,)
            follower.replicas.open(STAGING).replace(a_snapshot(2, environment=STAGING))
            await parent.nodes.get()
            follower.replicas.keep(frozenset({ACCESS, SHOP}))
            await parent.nodes.get()

    async def test_no_task_outlives_it(self) -> None:
        """Closing ends all that it started."""
        async with reports(Parent(), a_follower()).running():
            pass

        assert asyncio.all_tasks() == {asyncio.current_task()}
