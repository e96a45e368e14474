"""Streams a list of members as CSV, in order, a page at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial
from typing import Final

from sqlalchemy import Connection

from pennon.errors import SourceLost
from pennon.origin.db.rows import AnyRow
from pennon.origin.members import queries
from pennon.origin.members.holding import Held
from pennon.origin.members.parsing import HEADER
from pennon.origin.members.sweeping import KEPT_MS
from pennon.origin.services import Origin

PAGE: Final = 5_000


async def csv_of(origin: Origin, held: Held) -> AsyncIterator[bytes]:
    """
    Yield a list as CSV with a header.

    A list that is replaced meanwhile is kept for a while, so that who has begun it gets it whole;
    a key that is added or removed meanwhile may be in it or not. Raises SourceLost where that
    while is over: nobody is to take half a list for all of it.
    """
    yield _encoded([HEADER])
    last = None
    while held.list is not None:
        rows = await origin.read(partial(_page, id=held.list, after=last, clock=origin.clock))
        yield _encoded(_cells(rows))
        if len(rows) < PAGE:
            return
        last = rows[-1].key


def _page(
    connection: Connection, id: int, after: str | None, clock: Callable[[], int]
) -> Sequence[AnyRow]:
    rows = queries.read_page(connection, id, after=after, limit=PAGE)
    if queries.is_left_over(connection, id, before=clock() - KEPT_MS):
        raise SourceLost("The members were replaced too long ago. Download them again.")
    return rows


def _cells(rows: Iterable[AnyRow]) -> Iterable[tuple[str, str]]:
    return ((row.key, "true" if row.member else "false") for row in rows)


def _encoded(rows: Iterable[tuple[str, str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
