"""An origin: the management API, and the stream that its followers hang on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from pennon.model.ready import OriginReady
from pennon.origin.api import api_routes
from pennon.origin.bus.opening import open_bus
from pennon.origin.changelog.pruning import Keep, prune_for_ever
from pennon.origin.changelog_history import ChangelogHistory
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.db import Database
from pennon.origin.deletion.purging import purge_for_ever
from pennon.origin.evaluations.pruning import prune_for_ever as prune_evaluations_for_ever
from pennon.origin.events.purging import purge_for_ever as purge_events_for_ever
from pennon.origin.idempotency.forgetting import forget_for_ever
from pennon.origin.kept_keys import kept_keys
from pennon.origin.kv_metrics import PublisherCollector
from pennon.origin.kv_publisher import KvPublisher, PublishedStore
from pennon.origin.members.asking import MembersInDatabase
from pennon.origin.members.sweeping import sweep_for_ever
from pennon.origin.primary import KeptAndPassedOn, Primary, open_primary
from pennon.origin.sample import create_sample
from pennon.origin.schedules.executing import execute_for_ever
from pennon.origin.services import Origin
from pennon.origin.settings import OriginSettings, StandaloneSettings
from pennon.relay.follower import Follower
from pennon.relay.running import keep_running
from pennon.web import logs, server
from pennon.web.asgi import DataPlaneApp
from pennon.web.bare import BareServer
from pennon.web.bare.limits import Limits
from pennon.web.data_plane import DataPlane, Routed
from pennon.web.events import EventEndpoints, EventSink
from pennon.web.fanout import Fanout
from pennon.web.l3 import open_l3
from pennon.web.members import MembersEndpoints
from pennon.web.node import Node
from pennon.web.process import calm_collector
from pennon.web.routing import http_exception

_DAY_MS: Final = 24 * 60 * 60 * 1000

_TICK: Final = 1.0
# There is no NOTIFY on a replica: by default nobody wakes who follows one.
_REPLICA_TICK: Final = 0.1

_Work = Callable[[], Awaitable[None]]


class OriginNode:
    """
    An origin as a node: its own follower, whose source is the changelog, and its upkeep.

    One for *streams_only* does no upkeep: the origins that have the API do.
    """

    def __init__(
        self,
        origin: Origin,
        settings: OriginSettings,
        l3: PublishedStore | None = None,
        *,
        streams_only: bool = False,
        primary: Primary | None = None,
    ) -> None:
        self.origin = origin
        self._streams_only, self._body_bytes = streams_only, settings.body_bytes
        self._keep = Keep(settings.keep_days * _DAY_MS, settings.keep_changes)
        self._keep_deleted = settings.purge_days * _DAY_MS
        self._keep_events = settings.event_days * _DAY_MS
        tick = _REPLICA_TICK if origin.database.read_only else _TICK
        self.follower = Follower(
            ChangelogSource(
                origin.database,
                origin.bus,
                origin.clock,
                tick=settings.tick_seconds or tick,
                heartbeat=settings.heartbeat_seconds,
            ),
            lambda access: access.environments,
            stale_seconds=settings.stale_seconds,
        )
        self.members_lookup = MembersInDatabase(origin.database)
        self.fanout = Fanout(self.follower.replicas)
        self._forwarding = primary.forwarding(self.follower) if primary else None
        is_replica = origin.database.read_only
        self._events: EventSink = primary.events if primary and is_replica else origin.intake
        self.publisher = KvPublisher(self.follower.replicas, l3) if l3 is not None else None
        self.node = Node(
            self.follower,
            self.fanout,
            settings,
            KeptAndPassedOn(origin.propagation, self._forwarding)
            if self._forwarding
            else origin.propagation,
            ChangelogHistory(origin.database),
            [PublisherCollector(self.publisher)] if self.publisher is not None else (),
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Follow the changelog and do the origin's upkeep, for the length of a block."""
        async with self.follower, AsyncExitStack() as passing:
            if self._forwarding:
                await passing.enter_async_context(self._forwarding.running())
            tasks = [keep_running(work, name) for name, work in self._upkeep().items()]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _upkeep(self) -> dict[str, _Work]:
        """Return what an origin does on its own: keep within bounds, and carry out what is due."""
        origin = self.origin
        if self._streams_only:
            return {}
        publishing: dict[str, _Work] = {}
        if self.publisher is not None:
            publishing["publishing"] = self.publisher.run
        if origin.database.read_only:
            return publishing
        return publishing | {
            "pruning": partial(prune_for_ever, origin.database, origin.clock, self._keep),
            "purging": partial(purge_for_ever, origin, self._keep_deleted),
            "schedules": partial(execute_for_ever, origin),
            "sweeping": partial(sweep_for_ever, origin.database, origin.clock),
            "forgetting": partial(forget_for_ever, origin),
            "events": partial(
                purge_events_for_ever, origin.database, origin.clock, self._keep_events
            ),
            "evaluations": partial(prune_evaluations_for_ever, origin.database, origin.clock),
        }

    def app(self, *more: Routed) -> Starlette:
        """Return the application: the management API, and the data plane with *more* parts."""
        plane = self.plane(*more)
        mounted = DataPlaneApp(plane.answer, self._body_bytes, refuse=plane.refusal)
        return Starlette(
            routes=[*api_routes(self.origin), Mount("/", mounted)],
            exception_handlers={HTTPException: http_exception},
        )

    def plane(self, *more: Routed) -> DataPlane:
        """Return the data plane with *more* parts: all that followers ask."""
        events = EventEndpoints(self.node.keys, self._events)
        members = MembersEndpoints(self.node.keys, self.follower.replicas, self.members_lookup)
        return DataPlane(*self.node.parts, events, members, *more)


def run(settings: StandaloneSettings, announce: Callable[[OriginReady], None]) -> None:
    """Serve until told to stop; *announce* is called once the stream can be followed."""
    logs.set_up()
    server.run(lambda: serve(settings, announce))


async def serve(settings: StandaloneSettings, announce: Callable[[OriginReady], None]) -> None:
    """
    Serve on the running loop; see `run`.

    Raises WrongSchema when the database is not at this version's tables.
    """
    async with (
        Database.open(settings.database_url, read_only=settings.read_only) as database,
        open_bus(settings, database) as bus,
        open_l3(settings, settings.l3, settings.l3_replicas) as l3,
        open_primary(settings) as primary,
    ):
        bound = server.bind(settings.host, settings.port)
        alone = settings.streams_only
        node = OriginNode(Origin(database, bus), settings, l3, streams_only=alone, primary=primary)
        if settings.sample:
            await create_sample(node.origin)
        if not (settings.read_only or alone):
            await kept_keys(node.origin, settings.data, server.url_of(bound))

        async def ready() -> None:
            await node.follower.until_ready()
            calm_collector()
            announce(OriginReady(url=server.url_of(bound)))

        drain, seconds = node.fanout.drain, settings.drain_seconds
        async with node.running():
            if alone:
                plane, limits = node.plane(), Limits(body_bytes=settings.body_bytes)
                bare = BareServer(
                    plane.answer, limits, refuse=plane.refusal, proxies=settings.proxies
                )
                with server.stop_signal() as stopped:
                    await server.serve_bare(
                        bare,
                        bound,
                        stopped=stopped,
                        drain=drain,
                        ready=ready,
                        drain_seconds=seconds,
                    )
            else:
                await server.serve(
                    node.app(),
                    bound,
                    drain=drain,
                    ready=ready,
                    proxies=settings.trusted,
                    drain_seconds=seconds,
                )
