"""The background work of a client: it follows its environment for as long as it runs."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Final, Protocol

import httpx2

from pennon.errors import SourceLost
from pennon.model.messages import Message
from pennon.relay.backoff import Backoff
from pennon.relay.pump import Pump
from pennon.relay.running import keep_running
from pennon.relay.tiers import Keeper
from pennon.relay.upstream import SseUpstream
from pennon.sdk.asking import http_options
from pennon.sdk.asking_members import AskingMembers
from pennon.sdk.cache import FileCache
from pennon.sdk.health import Health, Status, Watched, passing_time
from pennon.sdk.held import Held
from pennon.sdk.opening import Moved, check_still_opened, opened_by_key
from pennon.sdk.options import Options
from pennon.sdk.telling import Telling
from pennon.sdk.written import Written

log = logging.getLogger("pennon.sdk")

_LOOK_SECONDS: Final = 0.25


class Followed(Protocol):
    """A client, as far as its background work is concerned."""

    held: Held
    health: Health
    telling: Telling | None

    @property
    def status(self) -> Status: ...

    def tell_status(self, status: Status) -> None:
        """Have those told who want to know that the state is another."""
        ...


class Following:
    """
    Feeds what a client holds from its edge, and keeps it in the cache where there is one.

    It begins with what is held: a process that was forked off holds what its parent did.
    """

    def __init__(self, client: Followed, options: Options) -> None:
        self._client, self._options = client, options
        self._held, self._health = client.held, client.health
        self._backoff = Backoff(random.random)
        self._opened = options.environment
        """Which environment is followed, as far as that is known."""

    async def run(self) -> None:
        """Follow until cancelled, whatever goes wrong."""
        watching = keep_running(self._watch, "status")
        telling = keep_running(self._tell, "telling")
        try:
            while True:
                try:
                    async with httpx2.AsyncClient(**http_options(self._options)) as http:
                        await self._follow(http)
                except Moved as moved:
                    log.info("Pennon follows %s now, which its key opens.", moved.environment)
                    self._opened = moved.environment
                except Exception as error:
                    log.exception("Pennon could not follow, and tries again.")
                    self._health.failed(repr(error))
                await asyncio.sleep(self._backoff.next())
        finally:
            watching.cancel()
            telling.cancel()

    async def _tell(self) -> None:
        """Tell what is recorded, by connections of its own: a stream must not wait for it."""
        if self._client.telling is not None:
            async with httpx2.AsyncClient(**http_options(self._options)) as http:
                await self._client.telling.run(http)

    async def _watch(self) -> None:
        """Tell of the client's state whenever it is another."""
        before = self._client.status.state
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            status = self._client.status
            if status.state != before:
                before = status.state
                self._client.tell_status(status)

    async def _follow(self, http: httpx2.AsyncClient) -> None:
        options, held = self._options, self._held
        cache = (
            FileCache(options.cache, options.key, options.environment) if options.cache else None
        )
        start = held.snapshot() or (cache.read() if cache else None)
        environment = self._opened or (start.environment if start else None)
        if environment is None:
            environment = await self._environment(http)
        replicas = Written(held.writing)
        members = AskingMembers(held.members, replicas, environment, http, options)
        keeper = Keeper(replicas, cache) if cache else None
        with held.writing:
            if start is not None and start.environment == environment:
                replicas.open(environment).replace(start)
            held.follow(replicas, environment)

        async def pause(seconds: float) -> None:
            await asyncio.sleep(seconds)
            if self._health.refused and options.environment is None:
                await check_still_opened(http, options.url, environment)

        upstream = SseUpstream(http, options.url, options.key, idle_seconds=options.idle_seconds)
        pump = Pump(
            Watched(upstream, self._health),
            replicas,
            lambda: frozenset({environment}),
            backoff=self._backoff,
            clock=passing_time,
            sleep=pause,
            heard=self._heard,
            lost=self._lost,
        )
        asking = keep_running(members.run, "members")
        keeping = keep_running(keeper.run, "keeper") if keeper else None
        try:
            await pump.run()
        finally:
            asking.cancel()
            if keeping is not None:
                keeping.cancel()
            if keeper is not None:
                await keeper.flush()

    def _heard(self, message: Message) -> None:
        self._health.freshness.heard(message)

    def _lost(self, error: SourceLost) -> None:
        self._health.failed(str(error), refused=error.refused or error.unauthenticated)

    async def _environment(self, http: httpx2.AsyncClient) -> str:
        """Ask, until it is known, which environment the key opens."""
        while True:
            try:
                return await opened_by_key(http, self._options.url)
            except SourceLost as error:
                self._lost(error)
                await asyncio.sleep((error.retry_after or 0.0) + self._backoff.next())
