"""Counts what an evaluating node serves, notes to whom, and sends both up in batches."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from msgspec.structs import replace

from pennon.edge.deliveries import Deliveries, Parcels
from pennon.edge.exposures import Exposures
from pennon.edge.sampler import Sampler
from pennon.model.batch_names import Dropped, Sort, name_of
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.events import MINUTE_MS, EventBatch, Parcel
from pennon.model.flag import Flag
from pennon.relay.batches import batches_of, context_batches, exposure_batches, outcomes_of
from pennon.relay.exposed import Exposed
from pennon.relay.postbox import Postbox
from pennon.relay.running import keep_running
from pennon.relay.tally import Outcome, Tally
from pennon.web.packing import pack

log = logging.getLogger(__name__)

_JITTER: Final = 0.2
_LAST_SECONDS: Final = 3.0
_WINDOW: Final = 3_600.0


class Collector:
    """
    A tally for each environment, cut into batches about every *every* seconds.

    *clock* gives epoch milliseconds as the parent has them. Counting waits for nothing and fails
    never; past the bounds of the tallies, evaluations are counted as `lost` and no more.
    """

    def __init__(
        self,
        node: str,
        postbox: Postbox,
        clock: Callable[[], int],
        *,
        every: float = 10.0,
        random: Callable[[int], bytes] = secrets.token_bytes,
        sampler: Sampler | None = None,
        window: float = _WINDOW,
    ) -> None:
        self._node, self._postbox, self._clock = node, postbox, clock
        self._every, self._random, self._sampler = every, random, sampler
        self._minute = _minute_of(clock())
        self._tallies: dict[str, Tally] = {}
        self._lost = 0
        self._cutting = asyncio.Lock()
        self._deliveries = Deliveries(node, postbox, clock, random=random)
        self.exposures = Exposures(Exposed(window, time.monotonic()), clock)

    @property
    def lost(self) -> int:
        """How many evaluations were not counted for lack of room."""
        return self._lost + sum(tally.lost for tally in self._tallies.values())

    @property
    def dropped(self) -> Dropped:
        """How many batches went without being sent: there was no room, or they were refused."""
        return self._postbox.dropped

    def count(self, environment: str, detail: Detail) -> None:
        """Count the answer to an evaluation."""
        tally = self._tallies.get(environment) or self._open(environment)
        tally.count(detail)

    def count_all(self, environment: str, details: Sequence[Detail]) -> None:
        """Count the answers of a bulk evaluation."""
        tally = self._tallies.get(environment) or self._open(environment)
        tally.count_all(details)

    def expose(self, environment: str, flag: Flag, detail: Detail, context: Context) -> None:
        """Note whom *flag*, whose exposures are tracked, was evaluated for."""
        self.exposures.see(environment, flag, detail, context)

    def see(self, environment: str, context: Context) -> None:
        """Take a context that a flag is evaluated for into the sample, where there is one."""
        if self._sampler is not None:
            self._sampler.see(environment, context)

    async def tell(self, environment: str, parcels: Parcels) -> None:
        """
        Return once what a client told is kept; exposures that are known are let go.

        Raises NotReady when it could not be kept.
        """
        judged = ((sort, self._new(environment, parcel)) for sort, parcel in parcels.items())
        new = {sort: parcel for sort, parcel in judged if parcel is not None}
        await self._deliveries.deliver(environment, new)
        # Only these: what is told again and again would else never be told up again.
        for parcel in new.values():
            self.exposures.remember(environment, parcel.exposures)

    def _new(self, environment: str, parcel: Parcel) -> Parcel | None:
        if not parcel.exposures:
            return parcel
        exposures = self.exposures.new_among(environment, parcel.exposures)
        return replace(parcel, exposures=exposures) if exposures else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send for the length of a block; what is left at its end is sent or kept."""
        tasks = (
            keep_running(self._cut_for_ever, "collector"),
            keep_running(self._deliveries.run, "deliveries"),
            keep_running(self._postbox.run, "postbox"),
        )
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await self._deliveries.keep()
                    await self.cut()
                    await self._postbox.send_all()

    async def cut(self) -> None:
        """Hand what was counted so far to the postbox; what it cannot keep is counted on."""
        async with self._cutting:
            await self._cut_counts()
            await self._cut_exposures()
            await self._cut_sample()

    async def _cut_counts(self) -> None:
        counted = {
            environment: outcomes
            for environment, tally in self._tallies.items()
            if (outcomes := tally.take())
        }
        self._forget_idle(counted)
        for batch in batches_of(counted, node=self._node, at=self._clock(), random=self._random):
            try:
                await self._keep(batch, "counts")
            except OSError as error:
                log.warning("events_not_kept", extra={"reason": str(error)})
                for environment, counts in batch.counts.items():
                    self._open(environment).put_back(outcomes_of(counts))

    async def _cut_exposures(self) -> None:
        made = self.exposures.take()
        for batch in exposure_batches(made, node=self._node, at=self._clock(), random=self._random):
            try:
                await self._keep(batch, "exposures")
            except OSError as error:
                log.warning("events_not_kept", extra={"reason": str(error)})
                self.exposures.put_back(batch.exposures)

    async def _cut_sample(self) -> None:
        seen = self._sampler.take() if self._sampler is not None else {}
        for batch in context_batches(seen, node=self._node, at=self._clock(), random=self._random):
            with suppress(OSError):  # a sample that is lost is replaced by the next
                await self._keep(batch, "contexts")

    async def _keep(self, batch: EventBatch, sort: Sort) -> None:
        await self._postbox.put(name_of(batch, sort), await asyncio.to_thread(pack, batch))

    async def _cut_for_ever(self) -> None:
        due = time.monotonic() + self._next()
        while True:
            # To the end of the minute at most, so that what is counted is of one minute.
            left = MINUTE_MS - self._clock() % MINUTE_MS
            with suppress(TimeoutError):
                async with asyncio.timeout(min(max(0.0, due - time.monotonic()), left / 1000)):
                    await self.exposures.many.wait()
            self.tick()
            if self.exposures.many.is_set() or time.monotonic() >= due:
                due = time.monotonic() + self._next()
                # A node that stops in the midst of it finishes it: what is taken is in no tally.
                await asyncio.shield(self.cut())

    def tick(self) -> None:
        """Begin another minute if it is time, and forget what was told too long ago."""
        self.exposures.tick(time.monotonic())
        minute = _minute_of(self._clock())
        if minute != self._minute:
            self._minute = minute
            for tally in self._tallies.values():
                tally.begin(minute)

    def _open(self, environment: str) -> Tally:
        """Return the tally of an environment, made now if there is none."""
        return self._tallies.setdefault(environment, Tally(self._minute))

    def _forget_idle(self, counted: dict[str, Counter[Outcome]]) -> None:
        """Let go of the tallies that had nothing to tell: environments come and go."""
        for environment in self._tallies.keys() - counted.keys():
            self._lost += self._tallies.pop(environment).lost

    def _next(self) -> float:
        """Return the seconds to the next batch, so spread that nodes do not send as one."""
        share = int.from_bytes(self._random(2)) / 65_535
        return self._every * (1 + _JITTER * (2 * share - 1))


def _minute_of(now: int) -> int:
    return now - now % MINUTE_MS
