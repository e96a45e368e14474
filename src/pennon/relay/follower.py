"""A follower: replicas, the source that feeds them, and the store that they start from."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection, Sequence
from types import TracebackType

from pennon.model.position import ACCESS
from pennon.relay.access import Access
from pennon.relay.alarms import Alarms
from pennon.relay.backoff import Backoff
from pennon.relay.freshness import Freshness
from pennon.relay.pump import Pump
from pennon.relay.replicas import Replicas
from pennon.relay.source import Source
from pennon.relay.tiers import DatafileStore, Keeper, warm_all


class Follower:
    """
    Follows `$access`, and the environments that *grants* picks from it, for as long as it is open.

    *grants* returns None when it cannot tell (the node's own key is gone): the node then keeps
    what it has, since stale beats error. What is followed no longer is forgotten.
    """

    def __init__(
        self,
        source: Source,
        grants: Callable[[Access], Collection[str] | None],
        *,
        store: DatafileStore | None = None,
        fallbacks: Sequence[DatafileStore] = (),
        stale_seconds: float = 75.0,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.replicas = Replicas()
        self.access = Access(self.replicas.open(ACCESS))
        self.freshness = Freshness(clock, wall, stale_seconds=stale_seconds)
        self.alarms = Alarms(clock)
        self._grants = grants
        self._granted: frozenset[str] | None = None
        self._stores = (*((store,) if store else ()), *fallbacks)
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

    async def __aenter__(self) -> Follower:
        await warm_all(self.replicas, [ACCESS], self._stores)
        await warm_all(self.replicas, sorted(self.wanted()), self._stores)
        self._tasks = [asyncio.create_task(self._pump.run(), name="pump")]
        if self.keeper:
            self._tasks.append(asyncio.create_task(self.keeper.run(), name="keeper"))
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
