"""Streams a list of members as CSV, in order, a page at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Final

from pennon.origin.db.rows import AnyRow
from pennon.origin.members import queries
from pennon.origin.members.holding import Held
from pennon.origin.members.parsing import HEADER
from pennon.origin.services import Origin

PAGE: Final = 5_000


async def csv_of(origin: Origin, held: Held) -> AsyncIterator[bytes]:
    """
    Yield a list as CSV with a header.

    A list that is replaced meanwhile is kept for a while, so that who has begun it gets it whole;
    a key that is added or removed meanwhile may be in it or not.
    """
    yield _encoded([HEADER])
    last = None
    while held.list is not None:
        read = partial(queries.read_page, id=held.list, after=last, limit=PAGE)
        rows = await origin.read(read)
        yield _encoded(_cells(rows))
        if len(rows) < PAGE:
            return
        last = rows[-1].key


def _cells(rows: Iterable[AnyRow]) -> Iterable[tuple[str, str]]:
    return ((row.key, "true" if row.member else "false") for row in rows)


def _encoded(rows: Iterable[tuple[str, str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
