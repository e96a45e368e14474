"""
PostgreSQL: units of work run beside each other, each on a connection of its own.

Readers see one moment (REPEATABLE READ) and cannot write. Writers lock the rows that they are
about first (decision 20), and so need no more than READ COMMITTED: what they read under the lock
is what was last committed. Those who wait for a lock never keep a reader from a connection.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pennon.errors import PennonError, ReadOnly, SourceLost
from pennon.origin.db.connections import READERS, WRITERS, serving_engine
from pennon.origin.db.database import Database, Work
from pennon.origin.db.lineage import follow, lineage_of
from pennon.origin.db.losses import is_raced, is_repeatable, reason_of, told_as_lost
from pennon.origin.db.schema import check_schema

T = TypeVar("T")

_OLDEST: Final = (15,)
_TRIES: Final = 5


class PostgresDatabase(Database):
    """A PostgreSQL database. Connections are made on first use."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.read_only = read_only
        # Whom connections lead to, and for whom the epoch has been seen to.
        self._lineage: str | None = None
        self._followed: str | None = None
        meet = None if read_only else self._meet
        self._writers = serving_engine(url, WRITERS, meet)
        self._readers = serving_engine(url, READERS, meet)
        self._reading = self._readers.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    async def check(self) -> None:
        """
        Raise WrongSchema unless the schema is the one that this code knows.

        The epoch is seen to as well, so that nobody is told of one that is over.
        """
        try:
            async with self._reading.begin() as connection:
                await connection.run_sync(_check)
        except Exception as error:
            if (reason := reason_of(error)) is None:
                raise
            raise SourceLost(f"The database cannot be opened: {reason}.") from error
        if not self.read_only:
            await self.write(lambda connection: None)

    async def read(self, work: Work[T]) -> T:
        async def once() -> T:
            async with self._reading.begin() as connection:
                return await connection.run_sync(work)

        return await _tried(once, again=is_repeatable)

    async def write(self, work: Work[T]) -> T:
        """
        Run *work* in a write transaction and commit it; an exception rolls all of it back.

        It is run again when another transaction was in its way. It is not when the connection
        breaks: the commit may have been the last thing that got through. Raises ReadOnly.
        """
        if self.read_only:
            raise ReadOnly

        async def once() -> T:
            async with self._writers.begin() as connection:
                followed = self._followed
                if followed != self._lineage:
                    followed = await connection.run_sync(follow)
                result = await connection.run_sync(work)
            self._followed = followed
            return result

        return await _tried(once, again=is_raced)

    async def close(self) -> None:
        """Close every connection."""
        await self._readers.dispose()
        await self._writers.dispose()

    async def _meet(self, connection: Any) -> None:
        """Learn whom a new connection leads to: behind one address, a fail-over may change it."""
        self._lineage = await lineage_of(connection)


async def _tried(once: Callable[[], Awaitable[T]], again: Callable[[DBAPIError], bool]) -> T:
    with told_as_lost():
        for _ in range(_TRIES - 1):
            try:
                return await once()
            except DBAPIError as error:
                if not again(error):
                    raise
        return await once()


def _check(connection: Connection) -> None:
    version = connection.dialect.server_version_info or ()
    if version < _OLDEST:
        found = ".".join(map(str, version))
        raise PennonError(f"Pennon needs PostgreSQL {_OLDEST[0]} or newer; this one is {found}.")
    check_schema(connection)
