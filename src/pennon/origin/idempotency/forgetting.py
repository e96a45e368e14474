"""Forgets answers that nobody may ask for again, for as long as an origin runs."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

import structlog

from pennon.origin.idempotency import queries
from pennon.origin.idempotency.keeping import DAY_MS
from pennon.origin.services import Origin
from pennon.origin.upkeep import Sleep, keep_doing

HOUR: Final = 3600.0

log = structlog.get_logger(__name__)


async def forget_for_ever(
    origin: Origin,
    *,
    every: float = HOUR,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Forget what is older than a day, now and every *every* seconds, until cancelled."""
    await keep_doing(lambda: _forget(origin), "forgetting_failed", every=every, sleep=sleep)


async def _forget(origin: Origin) -> None:
    before = origin.clock() - DAY_MS
    gone = await origin.database.write(partial(queries.forget_all_old, before=before))
    if gone:
        log.info("answers_forgotten", answers=gone)
