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

from sqlalchemy import Connection, make_url

T = TypeVar("T")

Work = Callable[[Connection], T]


class Database(ABC):
    """An open database whose schema is the one that this code knows."""

    @staticmethod
    @asynccontextmanager
    async def open(url: str) -> AsyncGenerator[Database]:
        """
        Open the database at *url* (``sqlite:///folder/pennon.db``) for the length of a block.

        Raises WrongSchema when it is empty, behind or newer than this code, and ValueError for
        a database that is not supported.
        """
        match make_url(url).get_backend_name():
            case "sqlite":
                # Imported here: a driver is needed only by those who use it.
                from pennon.origin.db.sqlite import SqliteDatabase

                database = SqliteDatabase(url)
            case other:
                raise ValueError(f"The database {other!r} is not supported.")
        try:
            await database.check()
            yield database
        finally:
            await database.close()

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Return what *work* returns, run in a read transaction: one consistent view."""

    @abstractmethod
    async def write(self, work: Work[T]) -> T:
        """Run *work* in a write transaction and commit it; an exception rolls all of it back."""
