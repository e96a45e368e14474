"""
The embedded default: origin, stream and one edge in one process, on SQLite.

Nothing in it is different from the roles apart. The evaluations read the origin's own replicas,
so that a change is in them as soon as the changelog has it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from pennon.edge.app import EVENTS_FOLDER, sampler_of
from pennon.edge.collector import Collector
from pennon.edge.evaluating import Evaluating
from pennon.edge.metrics import CollectorMetrics
from pennon.kv.spool import Spool
from pennon.model.ready import Announcement
from pennon.origin.app import OriginNode
from pennon.origin.bus.opening import open_bus
from pennon.origin.db import Database, migrate
from pennon.origin.kept_keys import kept_keys
from pennon.origin.sample import create_sample
from pennon.origin.services import Origin
from pennon.origin.settings import EmbeddedSettings
from pennon.relay.backoff import Backoff
from pennon.relay.node_members import NodeMembers
from pennon.relay.postbox import Postbox, packed_with
from pennon.web import logs, server
from pennon.web.l3 import open_l3
from pennon.web.member_metrics import MemberMetrics
from pennon.web.packing import unpack
from pennon.web.process import calm_collector


def run(settings: EmbeddedSettings, announce: Callable[[Announcement], None]) -> None:
    """Serve until told to stop; *announce* is called once a flag can be evaluated."""
    logs.set_up()
    server.run(lambda: serve(settings, announce))


async def serve(settings: EmbeddedSettings, announce: Callable[[Announcement], None]) -> None:
    """Serve on the running loop; see `run`. The database is created or migrated first."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    await asyncio.to_thread(migrate, settings.database_url)
    async with (
        Database.open(settings.database_url) as database,
        open_bus(settings, database) as bus,
        open_l3(settings, settings.l3_address, settings.l3_replicas) as l3,
    ):
        bound = server.bind(settings.host, settings.port)
        node = OriginNode(Origin(database, bus), settings, l3)
        collector = _collector(node.origin, settings)
        node.node.metrics.add(CollectorMetrics(collector))
        members = NodeMembers(
            node.follower.replicas,
            node.members_lookup,
            most=settings.members,
            seconds=settings.members_seconds,
        )
        node.node.metrics.add(MemberMetrics(members))
        evaluating = Evaluating(
            node.follower, node.node.keys, node.fanout, settings, members, collector
        )
        for metrics in evaluating.metrics:
            node.node.metrics.add(metrics)
        if settings.sample:
            await create_sample(node.origin)
        keys = await kept_keys(node.origin, settings.data, server.url_of(bound))

        async def ready() -> None:
            await node.follower.until_ready()
            evaluating.warm()
            calm_collector()
            announce(keys)

        async with node.running(), collector.running():
            await server.serve(
                node.app(*evaluating.parts),
                bound,
                drain=node.fanout.drain,
                ready=ready,
                proxies=settings.trusted,
                drain_seconds=settings.drain_seconds,
            )


def _collector(origin: Origin, settings: EmbeddedSettings) -> Collector:
    """Return a collector whose batches go to the origin beside it, the way they would from afar."""

    async def send(data: bytes) -> None:
        await origin.intake.take(unpack(data, packed_with(data)))

    postbox = Postbox(Spool(settings.data / EVENTS_FOLDER), send, Backoff(random.random))
    sampler = sampler_of(settings, origin.clock)
    window = settings.exposure_seconds
    return Collector("embedded", postbox, origin.clock, sampler=sampler, window=window)
