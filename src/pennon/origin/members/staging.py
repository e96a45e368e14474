"""
Writes a list beside the one that is in use, a little at a time: changes come in between.

Whoever stops half-way leaves a staged list that nobody reads; `sweeping` takes it apart.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import islice
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pennon.errors import SourceLost
from pennon.origin.members import queries
from pennon.origin.members.bulk import write_members
from pennon.origin.members.changing import STAGED_TOO_LONG
from pennon.origin.members.holding import Place
from pennon.origin.members.sorting import Listed
from pennon.origin.services import Origin

STEP: Final = 5_000
"""How many keys are written at once: some 20 ms of a database's only writer."""


@asynccontextmanager
async def staged(origin: Origin, place: Place, rows: Iterable[Listed]) -> AsyncGenerator[int]:
    """Give the number of a list that holds *rows*; not in use by the end, it is dropped."""
    list_id = secrets.randbits(62)
    database = origin.database
    await database.write(
        partial(
            queries.add_list,
            id=list_id,
            environment=place.name,
            segment=place.segment,
            now=origin.clock(),
        )
    )
    try:
        some = iter(rows)
        while step := await asyncio.to_thread(_next, some):
            await database.write(partial(_write, list_id=list_id, rows=step, now=origin.clock()))
        yield list_id
    finally:
        # It is the live one by now, or left over, which is also seen by its age.
        with suppress(DBAPIError, SourceLost):
            await database.write(partial(queries.drop, id=list_id, state=queries.STAGED, now=0))


def _next(rows: Iterator[Listed]) -> list[tuple[str, bool]]:
    return [(key.decode(), member) for key, member in islice(rows, STEP)]


def _write(connection: Connection, list_id: int, rows: list[tuple[str, bool]], now: int) -> None:
    if not queries.touch(connection, list_id, now):
        raise SourceLost(STAGED_TOO_LONG, retry_after=1.0)
    write_members(connection, list_id, rows)
