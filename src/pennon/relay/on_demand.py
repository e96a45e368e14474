"""Opens environments on demand, from the tiers below memory, and drops the idle."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from pennon.errors import NotFound, NotReady
from pennon.model.messages import Change, Snapshot
from pennon.model.position import ACCESS
from pennon.relay.fallback import KvFallback
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas
from pennon.relay.tiers import DatafileStore, Keeper, warm
from pennon.relay.working_set import REST_SECONDS, WorkingSet

log = logging.getLogger(__name__)

LEAST_SECONDS: Final = 1.0
"""The fewest seconds between two streams that are asked for only because the set has changed."""
LEAST_URGENT_SECONDS: Final = 0.25
"""The fewest between two where the parent alone has what somebody waits for."""
_TICK_SECONDS: Final = 0.25
_WEIGHED_EVERY: Final = 8
_MOST_AT_ONCE: Final = 4
_L3_SECONDS: Final = 0.5


class BeingOpened(NotReady):
    """The environment is being opened, and may be here in a moment."""

    def __init__(self, environment: str) -> None:
        self.environment = environment
        super().__init__(f"{environment} is being opened here; ask again in a moment.")


class OnDemand:
    """
    Keeps *replicas* to what the working set says.

    An environment that is *granted* and asked for is looked for in *store* (L2), then where
    *fallback* reads (L3), and at the parent, whose stream takes it in: *look_up* has that asked
    for anew when the set has changed. Whoever asks meanwhile joins. `opened` counts openings by
    the tier that had the environment, and by what became of them. *random* gives [0, 1).
    """

    def __init__(
        self,
        working_set: WorkingSet,
        replicas: Replicas,
        granted: Callable[[], frozenset[str]],
        *,
        store: DatafileStore | None = None,
        keeper: Keeper | None = None,
        fallback: KvFallback | None = None,
        look_up: Callable[[], None] = lambda: None,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.working_set = working_set
        self._replicas, self._granted, self._random = replicas, granted, random
        self._stores, self._keeper = (store,) if store else (), keeper
        self._fallback, self._look_up = fallback, look_up
        self.opened: Counter[tuple[str, str]] = Counter()
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)
        self._walks: dict[str, asyncio.Task[None]] = {}
        self._stir = asyncio.Event()
        self._was_over = False
        replicas.watch(self._on_news)

    def open(self, environment: str, *, to_follow: bool = False) -> None:
        """
        Have an environment opened that is not here, if it is granted; others join.

        One *to_follow* is opened though there may be no room: what followers follow must be here.
        Raises NotFound for one that this node does not serve, and NotReady, with the seconds
        after which to ask again, when there is no room or too much is asked for.
        """
        if environment not in self.working_set and environment not in self._granted():
            raise NotFound("environment", environment)
        wait = self._begin(environment, to_follow)
        if wait:
            self.opened["none", "refused"] += 1
            # Spread, for those who were refused together; and no later than it would stay.
            retry_after = min(wait, REST_SECONDS / 2) * (1 + self._random())
            raise NotReady(f"There is no room here yet for {environment}.", retry_after)

    @property
    def least_seconds(self) -> float:
        """The fewest seconds that a stream lasts that is asked for anew as the set has changed."""
        is_urgent = any(name not in self._walks for name in self.working_set.opening)
        return LEAST_URGENT_SECONDS if is_urgent else LEAST_SECONDS

    async def run(self) -> None:
        """Keep the set within its budget, and the parent's stream to it, until cancelled."""
        for turn in itertools.count():
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._stir.wait()
            self._stir.clear()
            if turn % _WEIGHED_EVERY == 0:
                self._weigh_all()
            self.tidy()

    async def close(self) -> None:
        """End what is under way."""
        walks = tuple(self._walks.values())
        for walk in walks:
            walk.cancel()
        await asyncio.gather(*walks, return_exceptions=True)

    def tidy(self) -> None:
        """Drop what is beyond the budget or did not come, and have the parent told."""
        self.working_set.trim()
        while first := self.working_set.first_in_line():
            if self._begin(first):
                break
        for environment in self.working_set.give_up():
            self.opened["none", "given_up"] += 1
            log.warning("environment_given_up", extra={"environment": environment})
        self._let_go()
        self._look_up()
        self._tell_of_excess()

    def _tell_of_excess(self) -> None:
        working_set = self.working_set
        is_over = working_set.used > working_set.budget
        if is_over and not self._was_over:
            extra = {"used": working_set.used, "budget": working_set.budget}
            log.warning("memory_budget_exceeded", extra=extra)
        self._was_over = is_over

    def _begin(self, environment: str, whatever: bool = False) -> float:
        """Begin to open an environment unless it is here; return the seconds to wait instead."""
        was_here = environment in self.working_set
        wait = self.working_set.admit(environment, whatever=whatever)
        if not (wait or was_here):
            self._let_go()
            replica = self._replicas.open(environment)
            walk = asyncio.create_task(self._walk(replica), name=f"open-{environment}")
            self._walks[environment] = walk
            walk.add_done_callback(lambda done: self._end_walk(environment, done))
        return wait

    async def _walk(self, replica: Replica) -> None:
        """Look for an environment in the tiers; the parent is asked if these have nothing."""
        async with self._room:
            if replica.forgotten:
                return
            if await warm(replica, self._stores) and self._keeper is not None:
                self._keeper.has(replica)
            if replica.position is None and self._fallback is not None and not replica.forgotten:
                await self._read_l3(self._fallback, replica.environment)

    async def _read_l3(self, fallback: KvFallback, environment: str) -> None:
        try:
            async with asyncio.timeout(_L3_SECONDS):
                await fallback.take(environment)
        except OSError as error:  # a TimeoutError is one
            log.info("l3_not_read", extra={"environment": environment, "reason": repr(error)})

    def _end_walk(self, environment: str, done: asyncio.Task[None]) -> None:
        if self._walks.get(environment) is done:
            del self._walks[environment]
        self._stir.set()
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("opening_failed", exc_info=error, extra={"environment": environment})

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        environment = replica.environment
        is_opening = self.working_set.is_opening(environment)
        if is_opening:
            asyncio.get_running_loop().call_soon(self._count_opening, replica)
        self.working_set.weigh(environment, replica.memory)
        if is_opening or not self.working_set.at_ease:
            self._stir.set()

    def _count_opening(self, replica: Replica) -> None:
        """Count by the tier, which is known once the news was told to all."""
        self.opened[replica.fed_by or "parent", "opened"] += 1

    def _weigh_all(self) -> None:
        for replica in self._replicas:
            if replica.position is not None:
                self.working_set.weigh(replica.environment, replica.memory)

    def _let_go(self) -> None:
        """Forget the replicas of what is no member any more."""
        self._replicas.keep(frozenset(self.working_set) | {ACCESS})
