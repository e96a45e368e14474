"""What an origin does on its own every so often, for as long as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import DBAPIError

from pennon.errors import SourceLost

Sleep = Callable[[float], Awaitable[object]]

log = structlog.get_logger(__name__)


async def keep_doing(
    work: Callable[[], Awaitable[object]],
    failed: str,
    *,
    every: float,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """
    Do *work* now and every *every* seconds, until cancelled.

    A database that does not answer is tried again in the next round, and the log is told that it
    *failed*: nothing waits for this.
    """
    while True:
        try:
            await work()
        except (DBAPIError, SourceLost) as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            log.warning(failed, reason=str(reason))
        await sleep(every)
