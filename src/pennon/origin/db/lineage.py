"""
The server's own name of its history, and what follows when it is another one.

A replica that is promoted, and a server brought back to an earlier moment, begin a timeline; a
dump that is loaded elsewhere has another server's. From there on the versions that are given out
may exist already, with other contents, at those who followed the old history. So the epoch
changes with it, and every follower starts anew.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, select, text, update

from pennon.errors import SourceLost
from pennon.origin.db.epochs import begin_epoch
from pennon.origin.db.tables import installation

LINEAGE: Final = (
    "SELECT CASE WHEN NOT pg_is_in_recovery() THEN CAST(system_identifier AS text) || '/' || "
    "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END FROM pg_control_system()"
)
"""
What gives the server and its timeline; null from a replica.

The timeline is not the control file's: after a promotion that one lags until the next checkpoint.
"""


async def lineage_of(connection: Any) -> str:
    """Return the history of a new *connection* of the driver. Raises SourceLost for a replica."""
    lineage: str | None = await connection.fetchval(LINEAGE)
    if lineage is None:
        await connection.close()
        raise SourceLost(
            "This PostgreSQL is a replica, which cannot be written to. "
            "Name the primary; an origin serves a replica with --read-only.",
            retry_after=1.0,
        )
    return lineage


def follow(connection: Connection) -> str:
    """
    Keep the present history and return it; begin an epoch where the one before was another.

    No epoch begins where no history was known yet, nor where another origin has seen to it.
    """
    row = connection.execute(select(installation).with_for_update()).one()
    lineage: str = connection.execute(text(LINEAGE)).scalar_one()
    if row.lineage == lineage:
        return lineage
    if row.lineage is not None:
        begin_epoch(connection, [row.epoch])
    connection.execute(update(installation).values(lineage=lineage))
    return lineage
