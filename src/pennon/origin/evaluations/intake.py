"""
Takes the batches of edges: each once, committed before it is acknowledged.

Batches that come while others are written wait, and are then written together, as one
transaction. No environment is locked, so that no change ever waits for an evaluation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import structlog
from msgspec.structs import replace
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pennon.errors import BadInput, NotReady, SourceLost
from pennon.model.events import EventBatch, Parcel
from pennon.origin.contexts.keeping import keep as keep_contexts
from pennon.origin.db import Database
from pennon.origin.db.losses import is_unholdable
from pennon.origin.evaluations import queries
from pennon.origin.evaluations.rollup import may_be_taken, rolled_up, with_counts_of_parcels
from pennon.origin.events.keeping import exposures_in
from pennon.origin.events.keeping import keep as keep_events

MOST_WAITING: Final = 64
_KEYS_A_QUESTION: Final = 1_000

log = structlog.get_logger(__name__)


class Intake:
    """Where batches arrive; see `pennon.web.events.EventSink`."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database, self._clock = database, clock
        self._waiting: list[EventBatch] = []
        self._apart = set[str]()
        self._turn = asyncio.Lock()

    async def take(self, batch: EventBatch, data: bytes = b"") -> None:
        """
        Return once *batch* is committed, now or at an earlier time.

        Raises NotReady when too many wait, or this origin reads a copy of the database, and
        BadInput for what the database cannot hold: it would be sent again for ever.
        """
        if self._database.read_only:
            raise NotReady("This origin is a read-only secondary and takes no events.", 60.0)
        if len(self._waiting) >= MOST_WAITING:
            raise NotReady("Too many batches wait to be written.", retry_after=5.0)
        self._waiting.append(batch)
        try:
            async with self._turn:
                if _among(self._waiting, batch):
                    await self._write_with(batch)
        finally:
            # Whoever gave up waiting leaves nothing behind.
            self._waiting = [one for one in self._waiting if one is not batch]
            self._apart.discard(batch.id)

    async def _write_with(self, batch: EventBatch) -> None:
        """Write *batch*, and those that wait with it, but for those that must go by themselves."""
        waiting, self._waiting = self._waiting, []
        if batch.id in self._apart:
            group, rest = [batch], [one for one in waiting if one is not batch]
        else:
            group = [one for one in waiting if one.id not in self._apart]
            rest = [one for one in waiting if one.id in self._apart]
        self._waiting = rest
        try:
            await self._database.write(partial(store, batches=group, now=self._clock()))
        except BaseException as error:
            # Each tries again in its turn; what was written all the same does not count twice.
            self._waiting = group + self._waiting
            if is_unholdable(error) and len(group) > 1:
                self._apart |= {one.id for one in group}
                return await self._write_with(batch)
            if is_unholdable(error):
                log.error("events_refused", batch=batch.id, reason=str(error))
                raise BadInput.at("$", "the database cannot hold what the batch tells") from None
            if isinstance(error, DBAPIError | SourceLost):
                log.warning("events_not_written", reason=str(error))
                raise NotReady("The database did not take the batch.", retry_after=5.0) from error
            raise


def store(connection: Connection, batches: Sequence[EventBatch], now: int) -> None:
    """Add what *batches* have counted, each of them once. What is not known here is left out."""
    by_id = {batch.id: batch for batch in batches if may_be_taken(batch, now)}
    if not by_id:
        return
    new = queries.remember_batches(connection, by_id, now)
    fresh = [batch for id, batch in by_id.items() if id in new]
    fresh = with_counts_of_parcels(_with_new_parcels(connection, fresh, now))
    keep_contexts(connection, fresh, now)
    rollup = rolled_up(fresh, now)
    asked = rollup.flags()
    for environment, exposure in exposures_in(fresh):
        asked.setdefault(environment, set()).add(exposure.flag)
    known = {
        environment: _known(connection, environment, sorted(flags))
        for environment, flags in asked.items()
    }
    keep_events(connection, fresh, now, known)
    rollup = rollup.only(known)
    if rollup.requests:
        queries.add_counts(connection, rollup.counts)
        queries.note_requests(connection, rollup.requests)


def _with_new_parcels(
    connection: Connection, batches: Sequence[EventBatch], now: int
) -> list[EventBatch]:
    """Return *batches* without the parcels that came before, by another way or twice in these."""
    ids = {parcel.id for batch in batches for some in batch.parcels.values() for parcel in some}
    new: set[str] = set()
    ordered = sorted(ids)
    for start in range(0, len(ordered), _KEYS_A_QUESTION):
        some = ordered[start : start + _KEYS_A_QUESTION]
        new |= queries.remember_batches(connection, some, now)

    def first(parcel: Parcel) -> bool:
        is_new = parcel.id in new
        new.discard(parcel.id)
        return is_new

    return [
        replace(
            batch,
            parcels={name: tuple(filter(first, some)) for name, some in batch.parcels.items()},
        )
        for batch in batches
    ]


def _known(connection: Connection, environment: str, flags: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(flags), _KEYS_A_QUESTION):
        some = flags[start : start + _KEYS_A_QUESTION]
        known |= queries.known_flags(connection, environment, some)
    return known


def _among(waiting: Sequence[EventBatch], batch: EventBatch) -> bool:
    return any(one is batch for one in waiting)
