"""An edge node: follows its parent, keeps what it says, evaluates and fans out."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx2

from pennon.edge.ofrep import OfrepEndpoints
from pennon.edge.rulesets import Rulesets
from pennon.edge.scope import Scopes
from pennon.edge.settings import EdgeSettings
from pennon.edge.uplink import EdgeReports
from pennon.kv.datafiles import Datafiles
from pennon.kv.directory import DirectoryKv
from pennon.model.access import hash_key
from pennon.model.position import ACCESS
from pennon.model.ready import EdgeReady
from pennon.relay.access import Access
from pennon.relay.follower import Follower
from pennon.relay.upstream import SseUpstream
from pennon.web import logs, server
from pennon.web.bare import BareServer
from pennon.web.data_plane import DataPlane
from pennon.web.fanout import Fanout
from pennon.web.node import Node


def run(settings: EdgeSettings, announce: Callable[[EdgeReady], None]) -> None:
    """Serve until told to stop; *announce* is called once every environment is loaded."""
    logs.set_up()
    server.run(lambda: serve(settings, announce))


async def serve(settings: EdgeSettings, announce: Callable[[EdgeReady], None]) -> None:
    """Serve on the running loop; see `run`."""
    bound = server.bind(settings.host, settings.port)
    async with httpx2.AsyncClient() as client:
        follower = Follower(
            SseUpstream(client, settings.parent, settings.key, idle_seconds=settings.idle_seconds),
            granted_to(settings),
            store=Datafiles(DirectoryKv(settings.data)),
            stale_seconds=settings.stale_seconds,
        )
        rulesets = Rulesets(follower.replicas)
        fanout = Fanout(follower.replicas)
        reports = EdgeReports(settings, follower, fanout, client)
        node = Node(follower, fanout, settings, reports)
        plane = DataPlane(*node.parts, OfrepEndpoints(Scopes(follower, node.keys, rulesets)))

        async def ready() -> None:
            await follower.until_ready()
            announce(
                EdgeReady(
                    url=server.url_of(bound),
                    node=settings.node,
                    pop=settings.pop,
                    environments=tuple(sorted(follower.wanted() - {ACCESS})),
                )
            )

        async with follower, reports.running():
            bare = BareServer(plane.answer)
            await server.serve_bare(bare, bound, drain=fanout.drain, ready=ready)


def granted_to(settings: EdgeSettings) -> Callable[[Access], frozenset[str] | None]:
    """Return what tells the environments to serve: those asked for that the edge's key opens."""
    own, asked = hash_key(settings.key), frozenset(settings.environments)

    def grants(access: Access) -> frozenset[str] | None:
        key = access.key_by_hash(own, round(time.time() * 1000))
        if key is None:
            return None
        granted = access.granted(key)
        return granted & asked if asked else granted

    return grants
