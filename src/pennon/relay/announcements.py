"""Who the nodes below are and how they do, passed up in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from pennon.model.messages import NodeAnnouncement, NodeAnnouncements
from pennon.relay.uplink import NODES_PATH, Uplink

_BATCH: Final = 50
"""Announcements in one request: well below what a parent reads, unless nodes follow thousands."""


class Announcements:
    """
    Keeps the newest announcement of each node until the parent has taken it.

    Nobody who announces itself waits for a parent above this one. *most* bounds what is kept.
    Between two reports there are at least *pause* seconds, in which more gather.
    """

    def __init__(self, uplink: Uplink, *, pause: float = 1.0, most: int = 10_000) -> None:
        self._uplink, self._pause, self._most = uplink, pause, most
        self._owed: dict[tuple[str, str], NodeAnnouncement] = {}
        self._wake = asyncio.Event()

    def take(self, announcements: Iterable[NodeAnnouncement]) -> None:
        """Keep *announcements* to be passed on; the newest of a node replaces those before."""
        for announcement in announcements:
            identity = (announcement.pop, announcement.node)
            if identity in self._owed or len(self._owed) < self._most:
                self._owed[identity] = announcement
        self._wake.set()

    async def run(self) -> None:
        """Keep reporting until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._report()
            await asyncio.sleep(self._pause)

    async def _report(self) -> None:
        owed = tuple(self._owed.items())
        for start in range(0, len(owed), _BATCH):
            batch = owed[start : start + _BATCH]
            body = NodeAnnouncements(nodes=tuple(announcement for _, announcement in batch))
            if not await self._uplink.post(NODES_PATH, body):
                self._wake.set()
                return
            for identity, announcement in batch:
                if self._owed.get(identity) is announcement:  # else it has news since
                    del self._owed[identity]
