"""A node's reports: its own, and those of the nodes below it, passed up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

from pennon import __version__
from pennon.connector.settings import ConnectorSettings
from pennon.model.messages import Acks, Change, NodeAnnouncement, Role, Snapshot
from pennon.model.position import ACCESS
from pennon.relay.acks import AckBoard
from pennon.relay.announcements import Announcements
from pennon.relay.follower import Follower
from pennon.relay.forwarding import Forwarding
from pennon.relay.replica import Replica
from pennon.relay.running import keep_running
from pennon.relay.uplink import AckReporter, Uplink
from pennon.web.fanout import Fanout

ANNOUNCED_EVERY: Final = 30.0
"""Seconds between two announcements of a node."""


class UpwardReports:
    """Takes reports from below and sends them up with this node's own."""

    def __init__(
        self,
        settings: ConnectorSettings,
        role: Role,
        follower: Follower,
        fanout: Fanout,
        uplink: Uplink,
        parent: Callable[[], str],
    ) -> None:
        self._settings, self._role = settings, role
        self._follower, self._fanout, self._parent = follower, fanout, parent
        self._started_at = round(time.time() * 1000)
        reporter = AckReporter(
            uplink,
            AckBoard(time.monotonic),
            follower.replicas,
            follower.freshness,
            pop=settings.pop,
            region=settings.region,
            node=settings.node,
            wall=time.time,
            # A receipt tells where a change is live, and nobody is served by a connector.
            own=role != "connector",
        )
        self._forwarding = Forwarding(reporter, Announcements(uplink))
        self._announced: frozenset[str] = frozenset()
        self._outdated = asyncio.Event()
        follower.replicas.watch(self._on_news)
        follower.replicas.watch_the_end(lambda environment: self._outdated.set())

    async def acks(self, acks: Acks) -> None:
        """Take what nodes below have applied."""
        await self._forwarding.acks(acks)

    async def nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        """Take who nodes are, and what they follow."""
        await self._forwarding.nodes(announcements)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Report for the length of a block."""
        async with self._forwarding.running():
            announcing = keep_running(self._announce, "announce")
            try:
                yield
            finally:
                announcing.cancel()
                await asyncio.gather(announcing, return_exceptions=True)

    async def _announce(self) -> None:
        # What is loaded from disk or from the parent first, the announcement can name.
        await self._follower.until_ready()
        while True:
            self._outdated.clear()
            own = self._describe()
            self._announced = frozenset(own.environments)
            await self.nodes([own])
            with suppress(TimeoutError):
                async with asyncio.timeout(ANNOUNCED_EVERY):
                    await self._outdated.wait()

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        # What is opened or dropped is told at once: nobody may wait for what is not held here.
        if replica.environment not in self._announced and replica.environment != ACCESS:
            self._outdated.set()

    def _describe(self) -> NodeAnnouncement:
        settings, freshness = self._settings, self._follower.freshness
        environments = tuple(sorted(self._follower.wanted() - {ACCESS}))
        return NodeAnnouncement(
            node=settings.node,
            role=self._role,
            software=f"pennon/{__version__}",
            pop=settings.pop,
            region=settings.region,
            latitude=settings.lat,
            longitude=settings.lon,
            environments=environments,
            followers=self._fanout.taken,
            lag_ms=max((freshness.stale_ms(name) or 0 for name in environments), default=None),
            clock_offset_ms=freshness.clock_offset_ms,
            parent=_place_of(self._parent()),
            started_at=self._started_at,
        )


def _place_of(url: str) -> str:
    """Return where a parent is, without what may open it."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2]
