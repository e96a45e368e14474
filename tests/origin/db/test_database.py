"""Units of work: one transaction each, whole or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from pennon.model.position import ACCESS
from pennon.origin.db import Database
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.db.tables import audit_heads, environments
from tests.builders.databases import a_database_url
from tests.builders.origin import add_environment


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(environments)).scalar_one()


class TestWrite:
    async def test_an_error_rolls_all_of_it_back(self, tmp_path: Path) -> None:
        """A unit of work that raises leaves nothing behind."""

        def work(connection: Connection) -> None:
            add_environment(connection, "shop/production")
            raise LookupError

        async with Database.open(a_database_url(tmp_path)) as database:
            before = await database.read(count)
            with pytest.raises(LookupError):
                await database.write(work)

            assert await database.read(count) == before

    async def test_an_error_keeps_to_itself_what_was_written(self, tmp_path: Path) -> None:
        """It is logged, and what was written may be the hash of a password."""

        def work(connection: Connection) -> None:
            row = {"chain": INSTALLATION_CHAIN, "sequence": 0, "hash": "confidential"}
            connection.execute(insert(audit_heads), row)

        async with Database.open(a_database_url(tmp_path)) as database:
            with pytest.raises(DBAPIError) as caught:
                await database.write(work)

        assert "audit_heads" in str(caught.value)
        assert "confidential" not in str(caught.value)

    async def test_writers_take_turns(self, tmp_path: Path) -> None:
        """What a unit of work reads under its lock is what was last committed."""

        def bump(connection: Connection) -> None:
            row = environments.c.environment == ACCESS
            seen = connection.scalar(select(environments.c.version).where(row).with_for_update())
            connection.execute(update(environments).where(row).values(version=(seen or 0) + 1))

        async with Database.open(a_database_url(tmp_path)) as database:
            await asyncio.gather(*(database.write(bump) for _ in range(50)))
            version = await database.read(lambda c: c.scalar(select(environments.c.version)))

        assert version == 50


class TestRead:
    async def test_cannot_write(self, tmp_path: Path) -> None:
        """A read that tries to write is an error, not a second writer."""
        async with Database.open(a_database_url(tmp_path)) as database:
            with pytest.raises(DBAPIError, match=r"read-?only"):
                await database.read(lambda c: add_environment(c, "shop/production"))

    async def test_what_is_committed_survives_a_restart(self, tmp_path: Path) -> None:
        """The database is the state."""
        url = a_database_url(tmp_path)
        async with Database.open(url) as database:
            await database.write(lambda c: add_environment(c, "shop/production"))
        async with Database.open(url) as database:
            found = await database.read(count)

        assert found == 2
