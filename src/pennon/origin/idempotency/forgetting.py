"""Forgets answers that nobody may ask for again, for as long as an origin runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from pennon.errors import SourceLost
from pennon.origin.idempotency import queries
from pennon.origin.idempotency.keeping import DAY_MS
from pennon.origin.services import Origin

HOUR: Final = 3600.0

log = structlog.get_logger(__name__)


async def forget_for_ever(
    origin: Origin,
    *,
    every: float = HOUR,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """
    Forget what is older than a day, now and every *every* seconds, until cancelled.

    A database that does not answer is tried again in the next round: nothing waits for this.
    """
    while True:
        try:
            before = origin.clock() - DAY_MS
            gone = await origin.database.write(partial(queries.forget_all_old, before=before))
            if gone:
                log.info("answers_forgotten", answers=gone)
        except (DBAPIError, SourceLost) as error:
            log.warning("forgetting_failed", reason=str(error))
        await sleep(every)
