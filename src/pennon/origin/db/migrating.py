"""Brings a database to the newest schema: one transaction, one migrator at a time."""

from __future__ import annotations

import asyncio
from typing import Final

from sqlalchemy import func, select

from pennon.errors import SourceLost
from pennon.origin.database_address import backend_of
from pennon.origin.db.database import unsupported
from pennon.origin.db.schema import upgrade

_TURN: Final = int.from_bytes(b"pennon")
"""The advisory lock that migrators of one database take turns by."""


def migrate(url: str) -> None:
    """
    Bring the database at *url* to the newest schema, creating it where there is none.

    All steps are one transaction, and two processes that migrate at once take turns. It blocks:
    a running event loop calls it in a thread. Raises WrongSchema when the database is newer than
    this code, and ValueError for a database that is not supported.
    """
    match backend_of(url):
        case "sqlite":
            _migrate_sqlite(url)
        case "postgresql":
            asyncio.run(_migrate_postgres(url))
        case None:
            raise unsupported(url)


def _migrate_sqlite(url: str) -> None:
    from pennon.origin.db.engine import writing_engine

    engine = writing_engine(url)
    try:
        with engine.begin() as connection:
            upgrade(connection)
    finally:
        engine.dispose()


async def _migrate_postgres(url: str) -> None:
    # Imported here: a driver is needed only by those who use it.
    from pennon.origin.db.connections import migrating_engine
    from pennon.origin.db.lineage import lineage_of
    from pennon.origin.db.losses import reason_of

    engine = migrating_engine(url, lineage_of)
    try:
        async with engine.begin() as connection:
            await connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
            await connection.run_sync(upgrade)
    except Exception as error:
        if (reason := reason_of(error)) is None:
            raise
        raise SourceLost(f"The database cannot be migrated: {reason}.") from error
    finally:
        await engine.dispose()
