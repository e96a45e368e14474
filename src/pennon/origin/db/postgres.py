"""
PostgreSQL: units of work run beside each other, each on a connection of its own.

Readers see one moment (REPEATABLE READ) and cannot write. Writers lock the rows that they are
about first (decision 20), and so need no more than READ COMMITTED: what they read under the lock
is what was last committed. Those who wait for a lock never keep a reader from a connection, and
of those in one line only the first of each origin keeps one at all (decision 110).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from pennon.errors import PennonError, ReadOnly, SourceLost
from pennon.origin.db.connections import LOCK_SECONDS, reading_engine, writing_engine
from pennon.origin.db.database import Database, Work
from pennon.origin.db.lineage import follow, lineage_of
from pennon.origin.db.lines import Lines
from pennon.origin.db.losses import is_raced, is_repeatable, reason_of, told_as_lost
from pennon.origin.db.schema import check_schema

T = TypeVar("T")

_OLDEST: Final = (15,)
_TRIES: Final = 5

TAKE_TURN: Final = text("SELECT pg_advisory_xact_lock(1885695598, hashtext(:name))")
"""
Waits behind whoever is in the line of that name, of any origin; the first number is ours.

A row's lock would not do: PostgreSQL wakes all who wait for a row whenever its holder commits,
and lets whoever comes first have it. Those who wait for this lock are served one by one, in the
order in which they came.
"""


class PostgresDatabase(Database):
    """A PostgreSQL database. Connections are made on first use."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.read_only = read_only
        # Whom connections lead to, and for whom the epoch has been seen to.
        self._lineage: str | None = None
        self._followed: str | None = None
        self._lines = Lines(self._in_turn, LOCK_SECONDS)
        meet = None if read_only else self._meet
        self._writers = writing_engine(url, meet)
        self._readers = reading_engine(url, meet)
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

    async def write(self, work: Work[T], line: str | None = None) -> T:
        """
        Run *work* in a write transaction and commit it; an exception rolls all of it back.

        Those who name the same *line* are served in the order in which they came, together where
        several wait; other origins take turns with this one. It is run again when another
        transaction was in its way. It is not when the connection breaks: the commit may have
        been the last thing that got through. Raises ReadOnly.
        """
        if self.read_only:
            raise ReadOnly
        if line is None:
            return await self._write(work)
        return await self._lines.write(line, work)

    async def _in_turn(self, name: str, work: Work[T]) -> T:
        def unit(connection: Connection) -> T:
            connection.execute(TAKE_TURN, {"name": name})
            return work(connection)

        return await self._write(unit)

    async def _write(self, work: Work[T]) -> T:
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
        """Let those in line be served, then close every connection."""
        await self._lines.ended()
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
