"""An origin that passes on what is reported to it."""

from __future__ import annotations

import asyncio

import httpx2

from pennon.model.codec import decode
from pennon.model.messages import Acks, Applied, NodeAnnouncement, NodeAnnouncements, PopAcks
from pennon.origin.primary import KeptAndPassedOn, Primary
from pennon.relay.follower import Follower
from tests.builders.relay import SHOP, ScriptedSource, a_secret, an_epoch
from tests.builders.web import KeptReports

NODE = NodeAnnouncement(node="edge-1", role="edge", software="x", pop="ams", started_at=1)
ACK = Applied(epoch=an_epoch(), version=7, applied_at=5)
SAID = PopAcks(pop="ams", region="eu", nodes=("edge-1",), applied={SHOP: (ACK,)})


class Taken:
    """A primary in memory that keeps what it is told, by path."""

    def __init__(self) -> None:
        self.acks: asyncio.Queue[Acks] = asyncio.Queue()
        self.nodes: asyncio.Queue[NodeAnnouncements] = asyncio.Queue()

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        body = await request.aread()
        if request.url.path == "/sync/v1/acks":
            self.acks.put_nowait(decode(body, Acks))
        else:
            self.nodes.put_nowait(decode(body, NodeAnnouncements))
        return httpx2.Response(202)


class TestPassingOn:
    async def test_kept_and_passed_on(self) -> None:
        """Whoever asks here is told, and the primary is told in the nodes' own names."""
        taken, kept = Taken(), KeptReports()
        follower = Follower(ScriptedSource(), lambda access: ())
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(taken)) as client:
            forwarding = Primary(client, "http://primary.test", a_secret()).forwarding(follower)
            reports = KeptAndPassedOn(kept, forwarding)
            async with forwarding.running(), asyncio.timeout(5):
                await reports.nodes([NODE])
                await reports.acks(Acks(node="hub", pops=(SAID,)))
                announced, acked = await taken.nodes.get(), await taken.acks.get()

        assert kept.taken == [NODE, Acks(node="hub", pops=(SAID,))]
        assert announced.nodes == (NODE,)
        assert acked.pops == (SAID,)
