"""
SQLite's connections, set up for one writer beside many readers.

The writer alone checkpoints the write-ahead log: two connections doing so is what SQLite before
3.51.3 can corrupt a database by. `synchronous=FULL`, because a committed version is streamed at
once: with `NORMAL` a power cut could take it back and give its number to another change.

No error tells what a statement was given: errors are logged, and hashes of passwords are not.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event

READERS: Final = 4

BUSY_SECONDS: Final = 10.0
"""How long a connection waits for another process's write."""


def writing_engine(url: str, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Return an engine of one connection whose transactions take the write lock at once."""
    return _engine(
        url,
        connections=1,
        begin="BEGIN IMMEDIATE",
        pragmas=("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"),
        busy_seconds=busy_seconds,
    )


def reading_engine(url: str) -> Engine:
    """Return an engine whose transactions see one moment of the database and cannot write."""
    return _engine(
        url,
        connections=READERS,
        begin="BEGIN",
        pragmas=("query_only=ON", "wal_autocheckpoint=0"),
    )


def _engine(
    url: str,
    *,
    connections: int,
    begin: str,
    pragmas: tuple[str, ...],
    busy_seconds: float = BUSY_SECONDS,
) -> Engine:
    # isolation_level=None: the driver would otherwise begin by itself, late and without a lock.
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": busy_seconds},
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
