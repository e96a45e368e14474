"""Who the nodes below are and how they do, passed up in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from pennon.model.messages import NodeAnnouncement, NodeAnnouncements
from pennon.relay.pace import Pace
from pennon.relay.portions import portions
from pennon.relay.uplink import NODES_PATH, Uplink

_MOST_SAID: Final = 4_000
"""Environments in one request, a node itself counted as some: well below what a parent reads."""
_A_NODE: Final = 10


class Announcements:
    """
    Keeps the newest announcement of each node until the parent has taken it.

    Nobody who announces itself waits for a parent above this one. *most* bounds what is kept.
    Between two reports there are at least *pause* seconds, in which more gather (`Pace`).
    """

    def __init__(self, uplink: Uplink, *, pause: float = 1.0, most: int = 10_000) -> None:
        self._uplink, self._pace, self._most = uplink, Pace(pause), most
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
            await asyncio.sleep(self._pace.rest(await self._report()))

    async def _report(self) -> float | None:
        """Tell all that is owed; return as `Uplink.post` does."""
        for batch in portions(tuple(self._owed.items()), _said, _MOST_SAID):
            body = NodeAnnouncements(nodes=tuple(announcement for _, announcement in batch))
            wish = await self._uplink.post(NODES_PATH, body)
            if wish is not None:
                self._wake.set()
                return wish
            for identity, announcement in batch:
                if self._owed.get(identity) is announcement:  # else it has news since
                    del self._owed[identity]
        return None


def _said(owed: tuple[tuple[str, str], NodeAnnouncement]) -> int:
    return _A_NODE + len(owed[1].environments)
