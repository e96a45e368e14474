"""Keeps the changelog bounded: by age and by rows, whichever leaves less, an environment a step."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from pennon.origin.changelog import queries
from pennon.origin.changelog.reads import positions
from pennon.origin.db import Database
from pennon.origin.upkeep import Sleep, keep_doing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keep:
    """How much of each environment's changelog is kept; a follower further behind starts anew."""

    milliseconds: int = 7 * 24 * 60 * 60 * 1000
    rows: int = 100_000


def prune(connection: Connection, environment: str, now: int, keep: Keep) -> int:
    """
    Remove what *keep* does not cover, always the oldest; return how many changes went.

    The newest stays, however old: it says when the environment's version was committed.
    """
    state = positions(connection, (environment,)).get(environment)
    if state is None:
        return 0
    too_old = queries.last_version_before(connection, environment, now - keep.milliseconds)
    too_many = state.position.version - keep.rows
    end = min(max(too_old or 0, too_many), state.position.version - 1)
    return queries.delete_changes_to(connection, environment, end)


async def prune_for_ever(
    database: Database,
    clock: Callable[[], int],
    keep: Keep,
    *,
    every: float = 3600.0,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Prune every environment now and every *every* seconds, until cancelled."""
    await keep_doing(
        lambda: _prune_all(database, clock, keep), "pruning_failed", every=every, sleep=sleep
    )


async def _prune_all(database: Database, clock: Callable[[], int], keep: Keep) -> None:
    for environment in await database.read(positions):
        gone = await database.write(partial(prune, environment=environment, now=clock(), keep=keep))
        if gone:
            log.info("changelog_pruned", extra={"environment": environment, "changes": gone})
