"""
Copies of an SQLite database: taken while it is in use, and put in its place while it is not.

Each step leaves either what was or what is to be: files are written beside their place, synced and
renamed.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pennon.errors import BadInput, Conflict
from pennon.kv.atomic import private

_BUSY_SECONDS: Final = 10.0

JOURNALS: Final = ("-wal", "-shm", "-journal")
"""What the files are called by that SQLite keeps beside a database."""

# https://www.sqlite.org/fileformat.html#the_lock_byte_page: the pending, reserved and shared bytes.
_LOCK_START: Final = 2**30
_LOCK_BYTES: Final = 512


def copy_to(source: Path, target: Path) -> None:
    """
    Write a whole copy of the database *source*, which may be in use, to *target*.

    The copy is one moment of the database, checked, a single file that its owner alone may read.
    Raises BadInput when *source* is no intact database.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.close(private(str(beside), os.O_WRONLY | os.O_CREAT | os.O_TRUNC))
        with closing(_open(source, "ro")) as original, closing(_open(beside, "rw")) as copy:
            original.backup(copy)
            # A copy in write-ahead mode would be three files as soon as somebody looks into it.
            copy.execute("PRAGMA journal_mode=DELETE")
            _check(copy, source)
        _sync(beside)
        beside.replace(target)
        _sync(target.parent)
    except sqlite3.DatabaseError as error:
        raise BadInput.at(str(source), f"expected a database of Pennon: {error}") from None
    finally:
        beside.unlink(missing_ok=True)


def put_in_place(copy: Path, database: Path, replaced: Path) -> bool:
    """
    Move *copy* to *database*; what was there is kept as *replaced*. Return whether there was any.

    That may be damaged, or gone without its journal. Raises Conflict while anybody has it open.
    """
    with _alone(database):
        # Left where they are they would be taken for the copy's, and written into it.
        for ending in JOURNALS:
            with suppress(FileNotFoundError):
                _beside(database, ending).rename(_beside(replaced, ending))
        existed = database.exists()
        if existed:
            os.link(database, replaced)
        os.replace(copy, database)
    _sync(database.parent)
    return existed


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Keep everybody from *database* for a block, with its journal written back if it can be."""
    if not database.exists():
        yield
        return
    try:
        connection = _exclusive(database)
    except sqlite3.OperationalError as error:
        raise _in_use(database, error) from None
    except sqlite3.DatabaseError:
        # It is no database any more, which is why another is put in its place.
        with _locked(database):
            yield
        return
    with closing(connection):
        yield
        connection.execute("ROLLBACK")


def _exclusive(database: Path) -> sqlite3.Connection:
    connection = _open(database, "rw", seconds=0.0)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        # Leaving write-ahead mode asks for the file alone, and leaves one file behind.
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _locked(database: Path) -> Iterator[None]:
    """Hold the lock that each connection to *database* has a share of, whatever is in the file."""
    with database.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_BYTES, _LOCK_START)
        except OSError as error:
            raise _in_use(database, error) from None
        yield


def _in_use(database: Path, error: Exception) -> Conflict:
    return Conflict(f"{database} is in use ({error}). Stop its origin first.")


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(database.name + ending)


def _open(path: Path, mode: str, *, seconds: float = _BUSY_SECONDS) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?mode={mode}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=seconds)


def _check(connection: sqlite3.Connection, source: Path) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise BadInput.at(str(source), f"expected an intact database: {found}")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
