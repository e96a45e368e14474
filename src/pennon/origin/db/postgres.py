"""
PostgreSQL: units of work run beside each other, each on a connection of its own.

Readers see one moment (REPEATABLE READ) and cannot write. Writers lock the rows that they are
about first (decision 20), and so need no more than READ COMMITTED: what they read under the lock
is what was last committed. Those who wait for a lock never keep a reader from a connection.
"""

from __future__ import annotations

from typing import Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pennon.errors import PennonError, SourceLost
from pennon.origin.db.connections import READERS, WRITERS, serving_engine
from pennon.origin.db.database import Database, Work
from pennon.origin.db.losses import is_raced, reason_of, told_as_lost
from pennon.origin.db.schema import check_schema

T = TypeVar("T")

_OLDEST: Final = (15,)
_TRIES: Final = 5


class PostgresDatabase(Database):
    """A PostgreSQL database. Connections are made on first use."""

    def __init__(self, url: str) -> None:
        self._writers = serving_engine(url, WRITERS)
        self._readers = serving_engine(url, READERS)
        self._reading = self._readers.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def check(self) -> None:
        """Raise WrongSchema unless the schema is the one that this code knows."""
        try:
            async with self._reading.begin() as connection:
                await connection.run_sync(_check)
        except Exception as error:
            if (reason := reason_of(error)) is None:
                raise
            raise SourceLost(f"The database cannot be opened: {reason}.") from error

    async def read(self, work: Work[T]) -> T:
        with told_as_lost():
            async with self._reading.begin() as connection:
                return await connection.run_sync(work)

    async def write(self, work: Work[T]) -> T:
        """
        Run *work* in a write transaction and commit it; an exception rolls all of it back.

        It is run again when another transaction was in its way. It is not when the connection
        breaks: the commit may have been the last thing that got through.
        """
        with told_as_lost():
            for _ in range(_TRIES - 1):
                try:
                    return await self._once(work)
                except DBAPIError as error:
                    if not is_raced(error):
                        raise
            return await self._once(work)

    async def _once(self, work: Work[T]) -> T:
        async with self._writers.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.dispose()
        await self._writers.dispose()


def _check(connection: Connection) -> None:
    version = connection.dialect.server_version_info or ()
    if version < _OLDEST:
        found = ".".join(map(str, version))
        raise PennonError(f"Pennon needs PostgreSQL {_OLDEST[0]} or newer; this one is {found}.")
    check_schema(connection)
