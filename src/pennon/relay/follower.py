"""A follower: replicas, the source that feeds them, and the store that they start from."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection
from types import TracebackType

from pennon.model.position import ACCESS
from pennon.relay.access import Access
from pennon.relay.alarms import Alarms
from pennon.relay.backoff import Backoff
from pennon.relay.fallback import KvFallback
from pennon.relay.freshness import Freshness
from pennon.relay.pump import Pump
from pennon.relay.replicas import Replicas
from pennon.relay.running import keep_running
from pennon.relay.source import Source
from pennon.relay.tiers import DatafileStore, Keeper, SharedStore, Standing, warm_all


class Follower:
    """
    Follows `$access`, and the environments that *grants* picks from it, for as long as it is open.

    *grants* returns None when it cannot tell (the node's own key is gone): the node then keeps
    what it has, since stale beats error. What is followed no longer is forgotten.
    *is_connected* tells of a source that looks for its streams by itself whether it has one.
    """

    def __init__(
        self,
        source: Source,
        grants: Callable[[Access], Collection[str] | None],
        *,
        store: DatafileStore | None = None,
        l3: SharedStore | None = None,
        is_connected: Callable[[], bool] = lambda: True,
        stale_seconds: float = 75.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.replicas = Replicas()
        self.access = Access(self.replicas.open(ACCESS))
        self.freshness = Freshness(clock, wall, stale_seconds=stale_seconds)
        self.alarms = Alarms(clock)
        self._grants, self._is_connected = grants, is_connected
        self._granted: frozenset[str] | None = None
        self._stores = (store,) if store else ()
        self.keeper = Keeper(self.replicas, store) if store else None
        self._pump = Pump(
            source,
            self.replicas,
            self.wanted,
            backoff=Backoff(random.random),
            clock=clock,
            sleep=asyncio.sleep,
            heard=self.freshness.heard,
            judged=self.alarms.note,
        )
        self.fallback = KvFallback(l3, self.replicas, self.readable, self.silent) if l3 else None
        self._tasks: list[asyncio.Task[None]] = []
        self._moved = asyncio.Event()
        self.replicas.watch(lambda replica, news: self._moved.set())

    @property
    def ready(self) -> bool:
        """
        Whether `$access` and every granted environment are loaded, from whatever tier.

        Never before *grants* could tell once: a node that does not know what it must serve, such
        as one whose `$access` is older than its key, has not loaded it.
        """
        wanted = self.wanted()
        return self._granted is not None and all(
            (replica := self.replicas.get(name)) is not None and replica.position is not None
            for name in wanted
        )

    @property
    def unreadable(self) -> int:
        """How many messages could not be read, nor be told to be of an environment."""
        return self._pump.unreadable

    async def until_ready(self) -> None:
        """Return once `ready` holds."""
        while not self.ready:
            self._moved.clear()
            await self._moved.wait()

    def wanted(self) -> frozenset[str]:
        """Return the environments to follow, `$access` among them."""
        granted = self._grants(self.access)
        if granted is not None:
            self._granted = frozenset(granted)
        return (self._granted or frozenset()) | {ACCESS}

    def silent(self, environment: str) -> bool:
        """Return whether the parent says nothing of *environment*: L3 may know more."""
        is_connected = self._pump.connected and self._is_connected()
        return not is_connected or self.freshness.stale_ms(environment) is not None

    def readable(self) -> frozenset[str]:
        """Return what may be read from L3, whose own locks know nothing of the node's key."""
        granted = self._grants(self.access)
        return frozenset(granted or ()) | {ACCESS}

    async def __aenter__(self) -> Follower:
        await warm_all(self.replicas, [ACCESS], self._stores)
        await warm_all(self.replicas, sorted(self.wanted()), self._stores)
        if self.keeper:
            for replica in self.replicas:
                if replica.position is not None:
                    standing = Standing(replica.position, replica.committed_at)
                    self.keeper.kept[replica.environment] = standing
        self._tasks = [keep_running(self._pump.run, "pump")]
        if self.keeper:
            self._tasks.append(keep_running(self.keeper.run, "keeper"))
        if self.fallback:
            self._tasks.append(keep_running(self.fallback.run, "fallback"))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.keeper:
            await self.keeper.flush()
