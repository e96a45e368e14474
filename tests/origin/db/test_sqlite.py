"""A SQLite file that several processes write to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pennon.errors import SourceLost
from pennon.origin.db.sqlite import SqliteDatabase
from pennon.web.problem import problem_of
from tests.builders.databases import SQLITE
from tests.builders.origin import add_environment


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for a file; other databases are not meant here."""
    return tmp_path_factory.mktemp("sqlite")


def another_writer(folder: Path) -> sqlite3.Connection:
    """Return the connection of another process that is about to write."""
    connection = sqlite3.connect(folder / "pennon.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


class TestBusy:
    async def test_who_waits_in_vain_is_told_to_come_back(self, folder: Path) -> None:
        """It is nobody's fault, and an answer of 503 that says when."""
        database = SqliteDatabase(SQLITE.url(folder), busy_seconds=0.01)
        with closing(another_writer(folder)), pytest.raises(SourceLost) as lost:
            await database.write(lambda c: add_environment(c, "shop/production"))
        await database.close()
        status, headers, body = problem_of(lost.value)

        assert status == 503
        assert dict(headers)["retry-after"] == "1"
        assert b"another process is writing" in body

    async def test_a_write_is_made_once_the_other_is_over(self, folder: Path) -> None:
        """The connection is as good as before."""
        database = SqliteDatabase(SQLITE.url(folder), busy_seconds=0.01)
        with closing(another_writer(folder)), pytest.raises(SourceLost):
            await database.write(lambda c: add_environment(c, "shop/production"))
        await database.write(lambda c: add_environment(c, "shop/production"))
        await database.close()

    async def test_reads_go_on(self, folder: Path) -> None:
        """Whoever writes."""
        database = SqliteDatabase(SQLITE.url(folder))
        with closing(another_writer(folder)):
            one = await database.read(lambda c: c.exec_driver_sql("SELECT 1").scalar_one())
        await database.close()

        assert one == 1
