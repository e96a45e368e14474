"""
Lets go of whom a deleted flag served, before it is purged: a little at a time.

There may be millions, and a purge is one transaction, which all other changes wait for.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from sqlalchemy import Connection

from pennon.origin.db import Database
from pennon.origin.db.tables import exposures
from pennon.origin.deletion import queries
from pennon.origin.events.queries import forget_oldest
from pennon.origin.projects.queries import environments_of

MOST_AT_ONCE: Final = 2_000
_EVER: Final = 2**62


async def clear(
    database: Database,
    project: str,
    kind: str,
    key: str,
    *,
    deleted_before: int = _EVER,
    most: int = MOST_AT_ONCE,
) -> None:
    """Remove the exposures of a flag for as long as it is deleted, since before a time if given."""
    step = partial(_clear_some, project=project, key=key, before=deleted_before, most=most)
    while kind == "flag" and await database.write(step):
        pass


def _clear_some(connection: Connection, project: str, key: str, before: int, most: int) -> bool:
    row = queries.find(connection, project, "flag", key)
    if row is None or row.deleted_at >= before:
        return False
    return any(
        forget_oldest(connection, exposures, environment, _EVER, most, flag=key)
        for environment in environments_of(connection, project)
    )
