"""
The stream server that is measured: an origin's data plane on the bare server, alone.

    python -m benchmarks.fanout.hub FOLDER

It says `{url, key}`. Orders: `change` commits one and answers `{version, applied, size}`; `usage`
answers what the process has used.
"""

from __future__ import annotations

import asyncio
import sys
import time
from functools import partial
from pathlib import Path

import uvloop
from sqlalchemy import Engine, event

from benchmarks.fanout.orders import orders, say
from benchmarks.fanout.usage import Meter
from pennon.model.messages import Change, Snapshot
from pennon.origin.app import OriginNode
from pennon.origin.authors import PENNON
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.db import Database, migrate
from pennon.origin.flags import targetings
from pennon.origin.kept_keys import kept_keys
from pennon.origin.sample import create_sample
from pennon.origin.services import Origin
from pennon.origin.settings import OriginSettings
from pennon.relay.replica import Replica
from pennon.relay.run import frame_of
from pennon.web import server
from pennon.web.bare import BareServer
from pennon.web.data_plane import DataPlane
from pennon.web.process import calm_collector, open_more_files

FLAG = "new-checkout"


class Changes:
    """Makes changes, one after another, and says when each is in the node's memory."""

    def __init__(self, node: OriginNode) -> None:
        self._origin = node.origin
        self._count = 0
        self._applied: asyncio.Queue[dict[str, float]] = asyncio.Queue()
        node.follower.replicas.watch(self._note)

    async def make(self) -> dict[str, float]:
        self._count += 1
        change = partial(
            targetings.change,
            project="shop",
            environment="production",
            flag=FLAG,
            patch={"enabled": self._count % 2 == 1},
            author=PENNON,
        )
        await self._origin.write(change)
        return await self._applied.get()

    def _note(self, replica: Replica, news: Change | Snapshot) -> None:
        if isinstance(news, Change) and news.key == FLAG:
            self._applied.put_nowait(
                {
                    "version": news.position.version,
                    "applied": time.monotonic(),
                    "size": len(frame_of(news)),
                }
            )


async def main(folder: Path) -> None:
    """Serve and obey until there are no more orders."""
    open_more_files()
    settings = OriginSettings(data=folder)
    migrate(settings.database_url)
    async with Database.open(settings.database_url) as database:
        origin = Origin(database, MemoryBus())
        await create_sample(origin)
        bound = server.bind("127.0.0.1", 0)
        url = server.url_of(bound)
        key = (await kept_keys(origin, folder, url)).relay_key
        meter = Meter()
        event.listen(Engine, "before_cursor_execute", meter.on_statement)
        node = OriginNode(origin, settings)
        async with node.running():
            await node.follower.until_ready()
            changes = Changes(node)
            calm_collector()
            bare = BareServer(DataPlane(*node.node.parts).answer)
            async with bare.listening(bound):
                say({"url": url, "key": key})
                async for order in orders():
                    say(await changes.make() if order == ["change"] else meter.read())


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
