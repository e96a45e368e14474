"""Lets go of exposures and custom events after a while, for as long as an origin runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from pennon.origin.db import Database
from pennon.origin.db.tables import custom_event_units, custom_events, exposures
from pennon.origin.events import queries
from pennon.origin.upkeep import Sleep, keep_doing

MOST_AT_ONCE: Final = 2_000
"""How many rows go in one transaction: changes come in between."""


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
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Purge now and every *every* seconds, until cancelled."""
    await keep_doing(
        lambda: purge(database, clock() - kept_ms),
        "purging_events_failed",
        every=every,
        sleep=sleep,
    )
