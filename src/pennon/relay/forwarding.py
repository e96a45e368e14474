"""Passes reports from below on: acks and announcements, in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from pennon.model.messages import Acks, NodeAnnouncement
from pennon.relay.announcements import Announcements
from pennon.relay.running import keep_running
from pennon.relay.uplink import AckReporter


class Forwarding:
    """Takes reports at once and passes them on when it can; see `pennon.web.reports.Reports`."""

    def __init__(self, reporter: AckReporter, announcements: Announcements) -> None:
        self._reporter, self._announcements = reporter, announcements

    async def acks(self, acks: Acks) -> None:
        """Take what nodes have applied."""
        self._reporter.merge(acks)

    async def nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        """Take who nodes are, and what they follow."""
        for node in announcements:
            self._reporter.follows(node.pop, node.node, node.environments)
        self._announcements.take(announcements)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Pass on for the length of a block."""
        tasks = (
            keep_running(self._reporter.run, "acks"),
            keep_running(self._announcements.run, "announcements"),
        )
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
