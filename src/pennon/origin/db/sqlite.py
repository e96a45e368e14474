"""
SQLite: one connection writes, in one thread; others read beside it, each in a thread.

Other processes may write to the same file: the command line, a second origin. They take turns, and
who waits in vain is told to come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from pennon.errors import SourceLost
from pennon.origin.db.database import Database, Work
from pennon.origin.db.engine import BUSY_SECONDS, READERS, reading_engine, writing_engine
from pennon.origin.db.lines import Lines
from pennon.origin.db.schema import check_schema

T = TypeVar("T")

_PATIENCE_SECONDS: Final = 10.0
# https://www.sqlite.org/rescode.html; the primary codes, which extended ones begin with.
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_UNANSWERED: Final = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")

log = structlog.get_logger(__name__)


class SqliteDatabase(Database):
    """A SQLite file. Connections are made on first use; a write waits *busy_seconds* for others."""

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._write_engine = writing_engine(url, busy_seconds)
        self._read_engine = reading_engine(url)
        self._write_thread = ThreadPoolExecutor(1, "pennon-writer")
        self._lines = Lines(self._write, _PATIENCE_SECONDS)
        self._read_threads = ThreadPoolExecutor(READERS, "pennon-reader")

    async def check(self) -> None:
        """Raise WrongSchema unless the schema is the one that this code knows."""
        await self.write(check_schema)

    async def read(self, work: Work[T]) -> T:
        return await _run(self._read_threads, _transaction, self._read_engine, work)

    async def write(self, work: Work[T], line: str | None = None) -> T:
        # A file has one writer, and so one line.
        return await self._lines.write("", work)

    async def _write(self, _name: str, work: Work[T]) -> T:
        return await _run(self._write_thread, _transaction, self._write_engine, work)

    async def close(self) -> None:
        """Let running work end, then close; the readers first, so that they never checkpoint."""
        await self._lines.ended()
        await _run(self._read_threads, self._read_engine.dispose)
        await _run(self._write_thread, self._write_engine.dispose)
        self._read_threads.shutdown()
        self._write_thread.shutdown()


def _transaction(engine: Engine, work: Work[T]) -> T:
    try:
        with engine.begin() as connection:
            return work(connection)
    except OperationalError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        if name.startswith(_BUSY):
            raise SourceLost(
                "The database is busy: another process is writing to it. Ask again.",
                retry_after=1.0,
            ) from error
        if name.startswith(_UNANSWERED):
            log.warning("database_lost", reason=str(error.orig))
            raise SourceLost("The database did not answer.", retry_after=1.0) from error
        raise


async def _run(executor: Executor, function: Callable[..., T], *arguments: object) -> T:
    context = copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(executor, lambda: context.run(function, *arguments))
