"""Purges what was deleted long enough ago, for as long as an origin runs."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

import structlog

from pennon.errors import NotFound
from pennon.origin.authors import PENNON
from pennon.origin.deletion import queries, service
from pennon.origin.deletion.clearing import clear
from pennon.origin.services import Origin
from pennon.origin.upkeep import Sleep, keep_doing

HOUR: Final = 3600.0

log = structlog.get_logger(__name__)


async def purge_for_ever(
    origin: Origin,
    keep: int,
    *,
    every: float = HOUR,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Purge what was deleted more than *keep* milliseconds ago, now and every *every* seconds."""
    await keep_doing(
        lambda: purge_expired(origin, keep), "purging_failed", every=every, sleep=sleep
    )


async def purge_expired(origin: Origin, keep: int) -> None:
    """Purge what was deleted more than *keep* milliseconds ago, each as a change of its own."""
    before = origin.clock() - keep
    for row in await origin.read(partial(queries.deleted_before, time=before)):
        purge = partial(
            service.purge,
            project=row.project,
            kind=row.kind,
            key=row.key,
            author=PENNON,
            deleted_before=before,
        )
        try:
            await clear(origin.database, row.project, row.kind, row.key, deleted_before=before)
            await origin.write(purge, row.project)
        except NotFound:
            # somebody restored or purged it, or another origin was here first
            continue
        log.info("purged", project=row.project, kind=row.kind, key=row.key)
