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
from pennon.relay.holdable import Holdable
from pennon.relay.on_demand import BeingOpened, OnDemand
from pennon.relay.pump import Pump
from pennon.relay.replicas import Replicas
from pennon.relay.running import keep_running
from pennon.relay.source import Source
from pennon.relay.tiers import DatafileStore, Keeper, SharedStore, Standing, warm, warm_all
from pennon.relay.working_set import Holding, WorkingSet


class Follower:
    """
    Follows `$access`, and the environments that *grants* picks from it, for as long as it is open.

    *grants* returns None when it cannot tell (the node's own key is gone): the node then keeps
    what it has, since stale beats error. What is followed no longer is forgotten.
    With a *holding*, only what fits into it is held and followed; the others are opened
    `on_demand`.
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
        holding: Holding | None = None,
    ) -> None:
        self.replicas = Replicas(holding.weigh) if holding else Replicas()
        self.access = Access(self.replicas.open(ACCESS))
        self.freshness = Freshness(clock, wall, stale_seconds=stale_seconds)
        self.alarms = Alarms(clock)
        self._grants, self._is_connected, self._clock = grants, is_connected, clock
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
            is_outdated=self._is_outdated,
        )
        self.fallback = KvFallback(l3, self.replicas, self.readable, self.silent) if l3 else None
        self.on_demand: OnDemand | None = None
        self._holdable: Holdable | None = None
        if holding is not None:
            self.on_demand = OnDemand(
                WorkingSet(
                    holding.budget,
                    clock,
                    pinned=holding.pinned,
                    in_use=self.replicas.in_use,
                    may_go=self._is_kept,
                ),
                self.replicas,
                self.granted,
                store=store,
                keeper=self.keeper,
                fallback=self.fallback,
                look_up=self._pump.look_up,
            )
            self._holdable = Holdable(
                self.on_demand.working_set, self.replicas.in_use, self.granted, clock
            )
        self.replicas.watch_the_end(self._forget)
        self._tasks: list[asyncio.Task[None]] = []
        self._moved = asyncio.Event()
        self.replicas.watch(lambda replica, news: self._moved.set())

    @property
    def ready(self) -> bool:
        """
        Whether `$access` and all that is loaded at the start are there, from whatever tier.

        That is every granted environment, or those that fit into the budget.
        Never before *grants* could tell once: a node that does not know what it must serve, such
        as one whose `$access` is older than its key, has not loaded it.
        """
        wanted = self.wanted()
        if self.on_demand is not None:
            if not self.on_demand.working_set.complete:
                return False
            wanted = frozenset({ACCESS})
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
        """Return the environments to hold and to follow, `$access` among them."""
        granted = self.granted()
        if self.on_demand is None:
            return granted | {ACCESS}
        self.on_demand.working_set.settle(granted)
        return frozenset(self.on_demand.working_set) | {ACCESS}

    def granted(self) -> frozenset[str]:
        """Return the environments that this node serves, whether it holds them or not."""
        granted = self._grants(self.access)
        if granted is not None:
            self._granted = frozenset(granted)
        return self._granted or frozenset()

    def open(self, environment: str, to_follow: bool = False) -> None:
        """
        Have an environment opened that is asked for and not here, where that is done on demand.

        Raises as `OnDemand.open` does, and BeingOpened when it may be here in a moment.
        """
        if self.on_demand is not None:
            self.on_demand.open(environment, to_follow=to_follow)
            raise BeingOpened(environment)

    def may_hold(self, environment: str) -> bool:
        """Return whether pages may follow *environment* here, so that it stays; see `Holdable`."""
        return self._holdable is None or self._holdable(environment)

    def silent(self, environment: str) -> bool:
        """Return whether the parent says nothing of *environment*: L3 may know more."""
        is_connected = self._pump.connected and self._is_connected()
        return not is_connected or self.freshness.stale_ms(environment) is not None

    def readable(self) -> frozenset[str]:
        """Return what may be read from L3, whose own locks know nothing of the node's key."""
        granted = self._grants(self.access)
        return (frozenset(granted or ()) & self.wanted()) | {ACCESS}

    async def __aenter__(self) -> Follower:
        await warm_all(self.replicas, [ACCESS], self._stores)
        await self._warm_what_fits()
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
        if self.on_demand:
            self._tasks.append(keep_running(self.on_demand.run, "on-demand"))
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
        if self.on_demand:
            await self.on_demand.close()
        if self.keeper:
            await self.keeper.flush()

    async def _warm_what_fits(self) -> None:
        """Load from disk what is to be there at the start."""
        if self.on_demand is None:
            await warm_all(self.replicas, sorted(self.wanted()), self._stores)
            return
        working_set = self.on_demand.working_set
        for environment in working_set.offers(self.granted()):
            working_set.let_in(environment)
            if not await warm(self.replicas.open(environment), self._stores):
                working_set.withdraw(environment)
        self.replicas.keep(self.wanted())

    def _is_outdated(self, asked: frozenset[str]) -> bool:
        """
        Return whether the parent must be asked for another set than *asked*.

        What is opened and dropped as it is asked for need not be told each time.
        """
        wanted = self.wanted()
        if wanted == asked or self.on_demand is None:
            return wanted != asked
        if asked - self.granted() - {ACCESS} or self.on_demand.working_set.due - asked:
            return True
        return self._clock() - self._pump.asked_at >= self.on_demand.least_seconds

    def _is_kept(self, environment: str) -> bool:
        """Return whether L2, if there is one, has all that memory has of *environment*."""
        replica = self.replicas.get(environment)
        if self.keeper is None or replica is None:
            return True
        kept = self.keeper.kept.get(environment)
        return kept is not None and kept.position == replica.position

    def _forget(self, environment: str) -> None:
        self.freshness.forget(environment)
        self.alarms.forget(environment)
