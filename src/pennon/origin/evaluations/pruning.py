"""Keeps what edges have counted within bounds, for as long as an origin runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from sqlalchemy import Connection

from pennon.origin.contexts.keeping import KEPT_MS
from pennon.origin.contexts.queries import forget_before
from pennon.origin.db import Database
from pennon.origin.evaluations import queries
from pennon.origin.evaluations.rollup import AHEAD_MS, KEPT, LATEST_MS
from pennon.origin.upkeep import Sleep, keep_doing

# Twice the clocks' difference: a batch may be taken for so long after it was taken once.
_REMEMBERED_MS: Final = LATEST_MS + 2 * AHEAD_MS


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
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Prune now and every *every* seconds, until cancelled."""
    await keep_doing(
        lambda: prune(database, clock()), "pruning_evaluations_failed", every=every, sleep=sleep
    )
