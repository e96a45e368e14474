"""
The parent that the measured edge follows: real streams and heartbeats, of an environment in memory.

    python -m benchmarks.edge.parent FLAGS

It prints its address and serves until it is killed. There is no database behind it: what is
measured is below it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final

import uvloop

from benchmarks.edge.cases import access, shop
from pennon.model.codec import format_digest
from pennon.model.messages import Acks, Heartbeat, Message, NodeAnnouncement
from pennon.model.position import Position
from pennon.relay.follower import Follower
from pennon.web import server
from pennon.web.bare import BareServer
from pennon.web.data_plane import DataPlane
from pennon.web.fanout import Fanout
from pennon.web.node import Node
from pennon.web.settings import NodeSettings

_BEAT_SECONDS: Final = 10.0


class _Written:
    """A source that says two environments, and then that it is there."""

    def __init__(self, flags: int) -> None:
        self._snapshots = (access(), shop(flags))

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        asked = [each for each in self._snapshots if each.environment in positions]
        for snapshot in asked:
            if positions[snapshot.environment] != snapshot.position:
                yield snapshot
        while True:
            for snapshot in asked:
                yield Heartbeat(
                    environment=snapshot.environment,
                    epoch=snapshot.position.epoch,
                    version=snapshot.position.version,
                    digest=format_digest(snapshot.digest),
                    time=round(time.time() * 1000),
                )
            await asyncio.sleep(_BEAT_SECONDS)


class _Unread:
    """Takes reports and looks at none."""

    async def acks(self, acks: Acks) -> None:
        """Take what nodes below have applied."""

    async def nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        """Take who nodes are."""


async def main(flags: int) -> None:
    """Serve an environment of so many flags."""
    follower = Follower(_Written(flags), lambda access: access.environments)
    node = Node(follower, Fanout(follower.replicas), NodeSettings(), _Unread())
    bound = server.bind("127.0.0.1", 0)
    async with follower, BareServer(DataPlane(*node.parts).answer).listening(bound):
        await follower.until_ready()
        print(server.url_of(bound), flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
