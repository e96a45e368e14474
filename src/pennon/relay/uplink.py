"""What a node tells its parent: the way up, and acks of what was applied."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Collection
from typing import Final

import httpx2
import msgspec

from pennon.model.messages import Acks, Applied, Change, PopAcks, Snapshot
from pennon.model.position import ACCESS
from pennon.relay.acks import AckBoard
from pennon.relay.freshness import Freshness
from pennon.relay.pace import Pace
from pennon.relay.portions import portions
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas
from pennon.relay.retry_after import retry_after

log = logging.getLogger(__name__)

ACKS_PATH = "/sync/v1/acks"
NODES_PATH = "/sync/v1/nodes"
_MOST_SAID: Final = 2_000
"""Positions and names in one request: a body of at most half of what a parent reads."""
REFUSED: Final = frozenset({400, 413, 415, 422})
"""What says that the very same will never be taken."""
_encode = msgspec.json.Encoder().encode


class Uplink:
    """
    Posts to the parent that *url* gives at that moment.

    A parent that does not answer costs nothing but a retry.
    """

    def __init__(self, client: httpx2.AsyncClient, url: Callable[[], str], key: str) -> None:
        self._client, self._url = client, url
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    async def post(self, path: str, body: msgspec.Struct) -> float | None:
        """
        Send *body*; return None, or for how many seconds not to ask when it is to be sent again.

        What the parent refuses for good is not: it would keep back all that is told after it, and
        who is meant says it anew before long.
        """
        try:
            answer = await self._client.post(
                self._url().rstrip("/") + path,
                content=_encode(body),
                headers=self._headers,
                timeout=10.0,
            )
        except httpx2.HTTPError as error:
            log.info("uplink_failed", extra={"path": path, "reason": type(error).__name__})
            return 0.0
        except Exception:
            # A fault of ours must not end what tells the parent of all others.
            log.exception("uplink_failed", extra={"path": path})
            return 0.0
        if answer.status_code == 202:
            return None
        log.warning("report_not_taken", extra={"path": path, "status": answer.status_code})
        return None if answer.status_code in REFUSED else retry_after(answer.headers) or 0.0


class AckReporter:
    """
    Acknowledges what this node applies: at once, then at most once in *pause* seconds (`Pace`).

    Every *repeat* seconds all is said again, for a parent that has forgotten it. Without *own* it
    speaks for the nodes below alone.
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
        clock: Callable[[], float] = time.monotonic,
        pause: float = 1.0,
        repeat: float = 30.0,
        own: bool = True,
    ) -> None:
        self._uplink, self._board, self._freshness = uplink, board, freshness
        self._pop, self._region, self._node = pop, region, node
        self._wall, self._clock, self._repeat = wall, clock, repeat
        self._pace = Pace(pause)
        self._wake = asyncio.Event()
        if own:
            replicas.watch(self._on_news)

    async def run(self) -> None:
        """Keep reporting until cancelled."""
        repeated = self._clock()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, repeated + self._repeat - self._clock())):
                    await self._wake.wait()
            # By the clock, not by the silence: under steady changes there is none.
            if self._clock() - repeated >= self._repeat:
                repeated = self._clock()
                self._board.mark_all()
            self._wake.clear()
            self._board.is_alive(self._pop, self._node)
            await asyncio.sleep(self._pace.rest(await self._report()))

    def follows(self, pop: str, node: str, environments: Collection[str]) -> None:
        """Note all that a node follows: it answers for no other environment any more."""
        self._board.follows(pop, node, environments)

    def merge(self, acks: Acks) -> None:
        """Take what a follower reports, to be told with this node's own."""
        self._board.merge(acks)
        self._wake.set()

    async def _report(self) -> float | None:
        """Tell all that is owed; return as `Uplink.post` does."""
        left = portions(self._board.take(), _said, _MOST_SAID)
        for portion in left:
            wish = await self._uplink.post(ACKS_PATH, Acks(node=self._node, pops=portion))
            if wish is not None:
                for unsent in (portion, *left):
                    self._board.put_back(unsent)
                self._wake.set()
                return wish
        return None

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


def _said(pop: PopAcks) -> int:
    return len(pop.applied) + len(pop.nodes)
