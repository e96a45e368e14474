"""
The publisher: writes what the origin holds into L3, and puts right what L3 lacks.

It stands beside the requests and never in one: it watches the origin's own replicas, which the
changelog feeds. Any number of origins may publish to one L3: each looks before it writes, and the
store lets a newer position win.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Collection
from typing import Final, Protocol

from pennon.model.messages import Change, Snapshot
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas
from pennon.relay.running import keep_running
from pennon.relay.tiers import SharedStore

log = logging.getLogger(__name__)

DEBOUNCE_SECONDS: Final = 0.2
"""How long changes are gathered before they are written."""
PAUSE_SECONDS: Final = 1.0
"""The least time between two writes of one environment, and after one that failed."""
CHECK_SECONDS: Final = 30.0
"""How often L3 is compared with what it should hold."""
_LAST_SECONDS: Final = 3.0


class PublishedStore(SharedStore, Protocol):
    """An L3 that can be written to and looked over."""

    written: int
    """How many bytes were written."""

    async def survey(self, environments: Collection[str]) -> dict[str, Position]:
        """Return the positions of those *environments* that are kept whole. Raises OSError."""
        ...

    async def until_back(self, seen: int) -> int:
        """Return once the store can be reached anew, with what to pass to the next call."""
        ...


class KvPublisher:
    """
    Keeps *store* equal to *replicas* for as long as it runs.

    `published` says what the store is known to hold, `lacking` since when (by *clock*) it lacks
    what the replicas hold and `due` when that is to be written, `failures` how many writes and
    looks did not succeed.
    """

    def __init__(
        self,
        replicas: Replicas,
        store: PublishedStore,
        *,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
        debounce: float = DEBOUNCE_SECONDS,
        pause: float = PAUSE_SECONDS,
        check: float = CHECK_SECONDS,
    ) -> None:
        self._replicas, self.store = replicas, store
        self._clock, self._random = clock, random
        self._debounce, self._pause, self._check = debounce, pause, check
        self.published: dict[str, Position] = {}
        self.lacking: dict[str, float] = {}
        self.due: dict[str, float] = {}
        self.writes = 0
        self.failures = 0
        self._missing: set[str] = set()
        self._written_at: dict[str, float] = {}
        self._wake = asyncio.Event()
        replicas.watch(self._on_news)

    def lacking_seconds(self, environment: str) -> float:
        """Return for how long the store has lacked what is held here; 0 when it does not."""
        since = self.lacking.get(environment)
        return 0.0 if since is None else self._clock() - since

    async def run(self) -> None:
        """Publish until cancelled; then once more what is owed, for as long as that is quick."""
        tasks = (keep_running(self._publish, "publish"), keep_running(self._repair, "repair"))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await self.flush()

    async def flush(self) -> bool:
        """Write all that is owed, each once; return whether all of it could be written."""
        for environment in tuple(self.due):
            await self._write(environment)
        return not self.due

    async def repair(self) -> None:
        """Compare the store with what is held, and owe it what it lacks."""
        held = {
            replica.environment: replica.position for replica in self._replicas if replica.position
        }
        try:
            kept = await self.store.survey(held)
        except OSError as error:
            self._failed(error)
            return
        for environment, position in held.items():
            there = kept.get(environment)
            if there is None or there < position:
                self._missing.add(environment)
                self._owe(environment, 0.0)
            else:
                self.published[environment] = there

    async def _publish(self) -> None:
        while True:
            self._wake.clear()
            now = self._clock()
            for environment, due in sorted(self.due.items(), key=lambda item: item[1]):
                if due <= now:
                    await self._write(environment)
            earliest = min(self.due.values(), default=None)
            wait = None if earliest is None else max(earliest - self._clock(), 0.0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    async def _repair(self) -> None:
        """Compare now, whenever the store is back, and now and then."""
        seen = 0
        while True:
            await self.repair()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._check):
                    seen = await self.store.until_back(seen)

    async def _write(self, environment: str) -> None:
        replica = self._replicas.get(environment)
        if replica is None or replica.position is None:
            self._settle(environment)
            return
        self._written_at[environment] = self._clock()
        snapshot = replica.snapshot()
        try:
            there = await self._publish_one(snapshot)
        except Exception as error:
            # Whatever it is, the others are still to be written, and this one again later.
            self._failed(error, environment)
            self.due[environment] = self._clock() + self._pause
            return
        self.published[environment] = there
        if replica.position <= there or replica.forgotten:
            self._settle(environment)
        else:
            self.due[environment] = self._next(environment)

    async def _publish_one(self, snapshot: Snapshot) -> Position:
        """Write *snapshot* unless the store is as far; return what it holds. Raises OSError."""
        environment = snapshot.environment
        kept = await self.store.position(environment)
        # A look that found parts missing says more than the head, which is asked here.
        if kept is not None and kept >= snapshot.position and environment not in self._missing:
            return kept
        await self.store.save(snapshot)
        self._missing.discard(environment)
        self.writes += 1
        return snapshot.position if kept is None else max(kept, snapshot.position)

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        # Spread, so that of several origins one writes and the others find it written.
        self._owe(replica.environment, self._debounce * (1 + self._random()))

    def _owe(self, environment: str, wait: float) -> None:
        now = self._clock()
        self.lacking.setdefault(environment, now)
        self.due.setdefault(environment, max(now + wait, self._next(environment)))
        self._wake.set()

    def _next(self, environment: str) -> float:
        """Return when *environment* may be written again."""
        written_at = self._written_at.get(environment)
        return self._clock() if written_at is None else written_at + self._pause

    def _settle(self, environment: str) -> None:
        self.due.pop(environment, None)
        self.lacking.pop(environment, None)

    def _failed(self, error: Exception, environment: str = "") -> None:
        self.failures += 1
        log.error("l3_not_written", extra={"environment": environment, "reason": str(error)})
