"""Takes apart the lists that nobody uses any more, for as long as an origin runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

from pennon.origin.db import Database
from pennon.origin.members import queries
from pennon.origin.upkeep import Sleep, keep_doing

KEPT_MS: Final = 10 * 60 * 1000
"""How long a list is kept: who downloads it may be at it, and who writes it may come back."""

STEP: Final = 5_000


async def sweep_for_ever(
    database: Database,
    clock: Callable[[], int],
    *,
    every: float = 60.0,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Sweep now and every *every* seconds, until cancelled."""
    await keep_doing(
        lambda: sweep(database, clock()), "sweeping_members_failed", every=every, sleep=sleep
    )


async def sweep(database: Database, now: int) -> None:
    """Remove what was left over, a little at a time: changes come in between."""
    left = partial(queries.oldest_left_over, before=now - KEPT_MS)
    while (found := await database.read(left)) is not None:
        if found.state == queries.STAGED:
            # From here on, whoever still writes it is told so; unless it came into use just now.
            drop = partial(queries.drop, id=found.id, state=queries.STAGED, now=found.touched_at)
            if not await database.write(drop):
                continue
        last: str | None = ""
        while last is not None:
            last = await database.write(
                partial(queries.remove_some, id=found.id, after=last, limit=STEP)
            )
        await database.write(partial(queries.remove_list, id=found.id))
