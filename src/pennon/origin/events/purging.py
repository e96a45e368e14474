"""Lets go of exposures and custom events after a while, for as long as an origin runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from pennon.errors import SourceLost
from pennon.origin.db import Database
from pennon.origin.db.tables import custom_event_units, custom_events, exposures
from pennon.origin.events import queries

MOST_AT_ONCE: Final = 2_000
"""How many rows go in one transaction: changes come in between."""

log = structlog.get_logger(__name__)


async def purge(database: Database, before: int, most: int = MOST_AT_ONCE) -> None:
    """Remove what is of *before* a time, a little in each transaction."""
    for environment in await database.read(queries.every_environment):
        for table in (exposures, custom_event_units, custom_events):
            step = partial(
                queries.forget_oldest,
                table=table,
                environment=environment,
                before=before,
                most=most,
            )
            while await database.write(step):
                pass


async def purge_for_ever(
    database: Database,
    clock: Callable[[], int],
    kept_ms: int,
    *,
    every: float = 3_600.0,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """
    Purge now and every *every* seconds, until cancelled.

    A database that does not answer is tried again in the next round: nothing waits for this.
    """
    while True:
        try:
            await purge(database, clock() - kept_ms)
        except (DBAPIError, SourceLost) as error:
            log.warning("purging_events_failed", reason=str(error))
        await sleep(every)
