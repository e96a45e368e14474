"""One PoP of the fleet: a real follower with its own connection, which acknowledges for itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from functools import partial

import httpx2

from pennon.model.codec import format_digest
from pennon.model.messages import Change, Message, Snapshot
from pennon.model.position import Position
from pennon.relay.acks import AckBoard
from pennon.relay.follower import Follower
from pennon.relay.parents import Parent, Parents
from pennon.relay.replica import Replica, Verdict
from pennon.relay.source import Source
from pennon.relay.uplink import AckReporter, Uplink
from pennon.relay.upstream import SseUpstream, is_healthy
from pennon.simulate import orders


class SimulatedPop:
    """A PoP with one node. It compiles no flag: that is no part of propagation."""

    def __init__(self, pop: orders.Pop, fleet: orders.Fleet, client: httpx2.AsyncClient) -> None:
        self.name = pop.name
        self._pop, self._client = pop, client
        self._key, self._environment = fleet.key, fleet.environment
        self._disk = _Disk()
        self._reads = asyncio.Event()
        self._reads.set()
        self._watched = [
            _Watched(SseUpstream(client, url, fleet.key), self._reads) for url in pop.parents
        ]
        self._applied: list[tuple[int, int]] = []
        self._lives = 0
        self._full_syncs = 0  # of lives that ended, less those with which every follower begins
        self._follower: Follower | None = None
        self._life = AsyncExitStack()

    async def start(self) -> None:
        """Begin to follow, from what the PoP's disk holds."""
        self._lives += 1
        parents = Parents(
            [
                Parent(url, source, partial(is_healthy, self._client, url))
                for url, source in zip(self._pop.parents, self._watched, strict=True)
            ]
        )
        follower = self._follower = Follower(
            parents, lambda access: [self._environment], store=self._disk
        )
        follower.replicas.watch(self._note)
        reporter = AckReporter(
            Uplink(self._client, lambda: parents.url, self._key),
            AckBoard(time.monotonic),
            follower.replicas,
            follower.freshness,
            pop=self.name,
            region=self._pop.region,
            node=f"{self.name}-1",
            wall=time.time,
        )
        await self._life.enter_async_context(follower)
        task = asyncio.create_task(reporter.run(), name=f"acks of {self.name}")
        self._life.callback(task.cancel)

    async def stop(self) -> None:
        """End as a node that is told to."""
        await self._life.aclose()
        if self._follower is not None:
            self._full_syncs += self._follower.replicas.taken["snapshot", Verdict.APPLIED]
        self._follower = None

    async def restart(self, *, cold: bool) -> None:
        """End and start again: *cold* with nothing on its disk."""
        await self.stop()
        if cold:
            self._disk.kept.clear()
        await self.start()

    async def slow(self, seconds: float) -> None:
        """Read nothing for *seconds*."""
        self._reads.clear()
        await asyncio.sleep(seconds)
        self._reads.set()

    async def until_ready(self) -> None:
        """Return once the environment is held; the whole datafiles that this took do not count."""
        assert self._follower is not None
        await self._follower.until_ready()
        self._full_syncs -= self._follower.replicas.taken["snapshot", Verdict.APPLIED]

    def standing(self) -> orders.Standing:
        """Return where the PoP stands."""
        replica = self._follower.replicas.get(self._environment) if self._follower else None
        if replica is None or replica.position is None:
            return orders.Standing(self.name, None, "")
        return orders.Standing(self.name, str(replica.position), format_digest(replica.digest))

    def notes(self) -> orders.Notes:
        """Return what was noted; only of a PoP that has stopped."""
        return orders.Notes(
            name=self.name,
            region=self._pop.region,
            applied=self._applied,
            reconnects=sum(one.attempts for one in self._watched) - self._lives,
            full_syncs=self._full_syncs,
        )

    def _note(self, replica: Replica, news: Change | Snapshot) -> None:
        if isinstance(news, Change) and replica.environment == self._environment:
            took = round(time.time() * 1000) - news.committed_at
            self._applied.append((news.position.version, max(took, 0)))


class _Watched:
    """A source that counts its attempts, and reads only while *reads* is set."""

    def __init__(self, source: Source, reads: asyncio.Event) -> None:
        self._source, self._reads = source, reads
        self.attempts = 0

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        self.attempts += 1
        async with aclosing(self._source.messages(positions)) as messages:
            async for message in messages:
                await self._reads.wait()
                yield message


class _Disk:
    """The PoP's disk: the last datafile of each environment, kept in memory over restarts."""

    def __init__(self) -> None:
        self.kept: dict[str, Snapshot] = {}

    async def load(self, environment: str) -> Snapshot | None:
        return self.kept.get(environment)

    async def save(self, snapshot: Snapshot) -> None:
        self.kept[snapshot.environment] = snapshot
