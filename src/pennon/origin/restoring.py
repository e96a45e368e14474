"""
Bringing a database back to an earlier moment.

Versions that are given out from there on exist already, with other contents, at those who
followed the database that was lost. So a new epoch begins, and every follower starts anew.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct

from pennon.errors import BadInput
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import Transaction
from pennon.origin.database_address import SQLITE
from pennon.origin.db import Database, migrate
from pennon.origin.db.copies import JOURNALS, copy_to, put_in_place
from pennon.origin.db.epochs import ANY_NUMBER, begin_epoch
from pennon.origin.db.installation import INSTALLATION_CHAIN, read_epoch
from pennon.origin.services import Origin

_SHRINK: Final = "Allowed environments to have lost more than half of their flags"


class Epoch(Struct, frozen=True):
    """What the audit log has before and after: the epoch."""

    epoch: str


async def begin_anew(
    url: str, author: Author, *, replaced: Iterable[str] = (), allow_shrink: bool = False
) -> str:
    """
    Begin an epoch in the database at *url* and return it; the audit log says why.

    It is later than the database's own and than those *replaced*. With *allow_shrink* nodes also
    take an environment that has lost more than half of its flags. Raises WrongSchema.
    """
    async with Database.open(url) as database:
        begin = partial(_begin, author=author, replaced=replaced, allow_shrink=allow_shrink)
        return await Origin(database, MemoryBus()).write(begin)


async def put_back(
    backup: Path, place: Path, author: Author, *, allow_shrink: bool = False
) -> tuple[str, Path | None]:
    """
    Put *backup* in the place of an SQLite database, at this version's tables and in a new epoch.

    Return the epoch, and where what was there is kept. Raises BadInput when *backup* is no intact
    database of Pennon, and Conflict while an origin has *place* open; then nothing is changed.
    """
    beside = place.with_name(f".{place.name}.restoring")
    kept = place.with_name(f"{place.name}.{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    # What is restored to may be a new machine.
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        await asyncio.to_thread(copy_to, backup, beside)
        if _epoch_in(beside) is None:
            raise BadInput.at(str(backup), "expected what `pennon backup` wrote")
        url = f"{SQLITE}{beside}"
        await asyncio.to_thread(migrate, url)
        there = _epoch_in(place)
        epoch = await begin_anew(
            url, author, replaced=[there] if there else (), allow_shrink=allow_shrink
        )
        existed = await asyncio.to_thread(put_in_place, beside, place, kept)
    finally:
        for ending in ("", *JOURNALS):
            beside.with_name(beside.name + ending).unlink(missing_ok=True)
    return epoch, kept if existed else None


def _begin(
    transaction: Transaction, author: Author, replaced: Iterable[str], allow_shrink: bool
) -> str:
    before = read_epoch(transaction.connection)
    deletions = ANY_NUMBER if allow_shrink else 0
    after = begin_epoch(transaction.connection, [before, *replaced], deletions=deletions)
    record(
        transaction,
        author,
        INSTALLATION_CHAIN,
        "installation.restored",
        "installation",
        before=Epoch(before),
        after=Epoch(after),
        summary=["Began a new epoch after a restore", *([_SHRINK] if allow_shrink else ())],
    )
    return after


def _epoch_in(path: Path) -> str | None:
    """Return the epoch of a database file, or None where there is none that can be read."""
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(path)) as connection:
            row = connection.execute("SELECT epoch FROM installation").fetchone()
    except sqlite3.DatabaseError:
        return None
    return str(row[0]) if row else None
