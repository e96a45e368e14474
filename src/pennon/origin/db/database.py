"""
The seam between the origin and its database.

A unit of work is a plain function of a SQLAlchemy connection: it sees one transaction, never
commits and never awaits. Where it runs (a thread, an async driver) is the database's business,
so the same queries serve every database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy import Connection

from pennon.origin.database_address import backend_of

T = TypeVar("T")

Work = Callable[[Connection], T]


class Database(ABC):
    """An open database whose schema is the one that this code knows."""

    read_only: bool = False
    """Whether every write raises ReadOnly."""

    @staticmethod
    @asynccontextmanager
    async def open(url: str, *, read_only: bool = False) -> AsyncGenerator[Database]:
        """
        Open the database at *url* for the length of a block.

        Addresses are ``sqlite:///folder/pennon.db`` and ``postgresql://user@host/pennon``. What
        is opened *read_only* may be a replica; only PostgreSQL has those.
        Raises WrongSchema when it is empty, behind or newer than this code, SourceLost when it
        does not answer, and ValueError for a database that is not supported.
        """
        database: Database
        # Imported here: a driver is needed only by those who use it.
        match backend_of(url):
            case "sqlite":
                from pennon.origin.db.sqlite import SqliteDatabase

                database = SqliteDatabase(url)
            case "postgresql":
                from pennon.origin.db.postgres import PostgresDatabase

                database = PostgresDatabase(url, read_only=read_only)
            case None:
                raise unsupported(url)
        try:
            await database.check()
            yield database
        finally:
            await database.close()

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Return what *work* returns, run in a read transaction: one consistent view."""

    @abstractmethod
    async def write(self, work: Work[T], line: str | None = None) -> T:
        """
        Run *work* in a write transaction and commit it; an exception rolls all of it back.

        Those who name the same *line* are served in the order in which they came.
        """

    @abstractmethod
    async def check(self) -> None:
        """Raise WrongSchema unless the schema is the one that this code knows."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of every connection."""


def unsupported(url: str) -> ValueError:
    """Return the error for an address of a database that we do not know."""
    return ValueError(f"The database {url.partition(':')[0]!r} is not supported.")
