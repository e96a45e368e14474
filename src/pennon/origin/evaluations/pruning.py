"""Keeps what edges have counted within bounds, for as long as an origin runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pennon.errors import SourceLost
from pennon.origin.contexts.keeping import KEPT_MS
from pennon.origin.contexts.queries import forget_before
from pennon.origin.db import Database
from pennon.origin.evaluations import queries
from pennon.origin.evaluations.rollup import AHEAD_MS, KEPT, LATEST_MS

# Twice the clocks' difference: a batch may be taken for so long after it was taken once.
_REMEMBERED_MS: Final = LATEST_MS + 2 * AHEAD_MS

log = structlog.get_logger(__name__)


async def prune(database: Database, now: int) -> None:
    """Remove what has been kept for long enough, a little at a time: changes come in between."""
    for resolution, kept in KEPT.items():
        while await database.write(partial(_step, resolution=resolution, before=now - kept)):
            pass
    await database.write(partial(queries.forget_batches, before=now - _REMEMBERED_MS))
    await database.write(partial(forget_before, time=now - KEPT_MS))


def _step(connection: Connection, resolution: int, before: int) -> bool:
    """Remove the oldest bucket if its time is over; return whether there was one."""
    oldest = queries.oldest_bucket(connection, resolution)
    if oldest is None or oldest >= before:
        return False
    queries.forget_bucket(connection, resolution, oldest)
    return True


async def prune_for_ever(
    database: Database,
    clock: Callable[[], int],
    *,
    every: float = 600.0,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """
    Prune now and every *every* seconds, until cancelled.

    A database that does not answer is tried again in the next round: nothing waits for this.
    """
    while True:
        try:
            await prune(database, clock())
        except (DBAPIError, SourceLost) as error:
            log.warning("pruning_evaluations_failed", reason=str(error))
        await sleep(every)
