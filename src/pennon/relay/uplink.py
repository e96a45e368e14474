"""What a node tells its parent: acks of what was applied, and who it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import httpx2
import msgspec

from pennon.model.messages import Acks, Applied, Change, NodeAnnouncement, Snapshot
from pennon.model.position import ACCESS
from pennon.relay.acks import AckBoard
from pennon.relay.freshness import Freshness
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas

log = logging.getLogger(__name__)

ACKS_PATH = "/sync/v1/acks"
NODES_PATH = "/sync/v1/nodes"
_encode = msgspec.json.Encoder().encode


class Uplink:
    """Posts to the parent at *url*; a parent that does not answer costs nothing but a retry."""

    def __init__(self, client: httpx2.AsyncClient, url: str, key: str) -> None:
        self._client, self._url = client, url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    async def post(self, path: str, body: msgspec.Struct) -> bool:
        """Send *body*; return whether the parent took it."""
        try:
            answer = await self._client.post(
                self._url + path, content=_encode(body), headers=self._headers, timeout=10.0
            )
        except httpx2.HTTPError as error:
            log.info("uplink_failed", extra={"path": path, "reason": type(error).__name__})
            return False
        return answer.status_code == 202


class AckReporter:
    """
    Acknowledges what this node applies: at once, then at most once in *pause* seconds.

    Every *repeat* seconds all is said again, for a parent that has forgotten it.
    """

    def __init__(
        self,
        uplink: Uplink,
        board: AckBoard,
        replicas: Replicas,
        freshness: Freshness,
        *,
        pop: str,
        region: str,
        node: str,
        wall: Callable[[], float],
        pause: float = 1.0,
        repeat: float = 30.0,
    ) -> None:
        self._uplink, self._board, self._freshness = uplink, board, freshness
        self._pop, self._region, self._node = pop, region, node
        self._wall, self._pause, self._repeat = wall, pause, repeat
        self._wake = asyncio.Event()
        replicas.watch(self._on_news)

    async def run(self) -> None:
        """Keep reporting until cancelled."""
        while True:
            try:
                await asyncio.wait_for(self._wake.wait(), self._repeat)
            except TimeoutError:
                self._board.mark_all()
            self._wake.clear()
            pops = self._board.take()
            if pops and not await self._uplink.post(ACKS_PATH, Acks(node=self._node, pops=pops)):
                self._board.put_back(pops)
                self._wake.set()
            await asyncio.sleep(self._pause)

    def merge(self, acks: Acks) -> None:
        """Take what a follower reports, to be told with this node's own."""
        self._board.merge(acks)
        self._wake.set()

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        if replica.environment == ACCESS:
            return
        offset = self._freshness.clock_offset_ms or 0
        ack = Applied(
            epoch=news.position.epoch,
            version=news.position.version,
            applied_at=round(self._wall() * 1000) + offset,
        )
        self._board.applied(self._pop, self._region, self._node, replica.environment, ack)
        self._wake.set()


async def announce(
    uplink: Uplink, describe: Callable[[], NodeAnnouncement], *, every: float = 30.0
) -> None:
    """Tell the parent who this node is, now and every so many seconds, until cancelled."""
    while True:
        await uplink.post(NODES_PATH, describe())
        await asyncio.sleep(every)
