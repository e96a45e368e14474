"""What an origin passes on that is not the primary: the reports of those that follow it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx2

from pennon.model.messages import Acks, NodeAnnouncement
from pennon.origin.settings import StandaloneSettings
from pennon.relay.acks import AckBoard
from pennon.relay.announcements import Announcements
from pennon.relay.follower import Follower
from pennon.relay.forwarding import Forwarding
from pennon.relay.postbox import EventUplink
from pennon.relay.uplink import AckReporter, Uplink
from pennon.web.events import PassedUp
from pennon.web.reports import Reports

_NAME: Final = "secondary"
"""What this origin calls itself where it speaks for nobody by name, which it never does."""


class Primary:
    """The origin that has the API, or may write: where receipts and counts are looked for."""

    def __init__(self, client: httpx2.AsyncClient, url: str, key: str) -> None:
        self._uplink = Uplink(client, lambda: url, key)
        self.events = PassedUp(EventUplink(client, lambda: url, key).send)

    def forwarding(self, follower: Follower) -> Forwarding:
        """Return what passes reports on to it."""
        reporter = AckReporter(
            self._uplink,
            AckBoard(time.monotonic),
            follower.replicas,
            follower.freshness,
            pop=_NAME,
            region="",
            node=_NAME,
            wall=time.time,
            own=False,
        )
        return Forwarding(reporter, Announcements(self._uplink))


class KeptAndPassedOn:
    """Reports that are kept here, for who asks here, and passed on as well."""

    def __init__(self, kept: Reports, forwarding: Forwarding) -> None:
        self._takers: tuple[Reports, ...] = (kept, forwarding)

    async def acks(self, acks: Acks) -> None:
        """Take what nodes have applied."""
        for taker in self._takers:
            await taker.acks(acks)

    async def nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        """Take who nodes are and how they do."""
        for taker in self._takers:
            await taker.nodes(announcements)


@asynccontextmanager
async def open_primary(settings: StandaloneSettings) -> AsyncGenerator[Primary | None]:
    """Give the primary that *settings* name, if they do, for the length of a block."""
    if settings.primary is None or settings.key is None:
        yield None
        return
    async with httpx2.AsyncClient() as client:
        yield Primary(client, settings.primary, settings.key)
