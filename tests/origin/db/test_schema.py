"""Bringing a database to the schema that the code knows, and refusing any other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from pennon.origin.db import Database, WrongSchema, migrate
from pennon.origin.db.installation import read_epoch
from pennon.origin.db.tables import metadata
from tests.builders.databases import a_database_url, an_unmigrated_database_url


class TestMigrate:
    async def test_makes_the_tables_that_the_queries_are_written_against(
        self, tmp_path: Path
    ) -> None:
        """The migrations and `tables` describe the same schema, but for what one database has."""

        def differences(connection: Connection) -> list[object]:
            options = {"include_name": lambda name, *_: name != "ix_audit_text"}
            context = MigrationContext.configure(connection, opts=options)
            return list(compare_metadata(context, metadata))

        async with Database.open(a_database_url(tmp_path)) as database:
            found = await database.read(differences)

        assert found == []

    async def test_a_second_run_changes_nothing(self, tmp_path: Path) -> None:
        """The epoch belongs to the database and is drawn once."""
        url = a_database_url(tmp_path)
        async with Database.open(url) as database:
            before = await database.read(read_epoch)
        await asyncio.to_thread(migrate, url)
        async with Database.open(url) as database:
            after = await database.read(read_epoch)

        assert before == after

    async def test_refuses_a_newer_database(self, tmp_path: Path) -> None:
        """A schema that this code does not know was made by a newer one."""
        url = a_database_url(tmp_path)
        async with Database.open(url) as database:
            await database.write(
                lambda c: c.execute(text("UPDATE alembic_version SET version_num='9999'"))
            )

        with pytest.raises(WrongSchema, match="made by a newer one"):
            await asyncio.to_thread(migrate, url)


class TestOpen:
    async def test_refuses_an_empty_database(self, tmp_path: Path) -> None:
        """Nothing is created behind the operator's back."""
        with pytest.raises(WrongSchema, match="Run `pennon migrate`"):
            async with Database.open(an_unmigrated_database_url(tmp_path)):
                pass

    async def test_refuses_a_newer_database(self, tmp_path: Path) -> None:
        """An old server does not write to a schema that it does not know."""
        url = a_database_url(tmp_path)
        async with Database.open(url) as database:
            await database.write(
                lambda c: c.execute(text("UPDATE alembic_version SET version_num='9999'"))
            )

        with pytest.raises(WrongSchema, match="9999"):
            async with Database.open(url):
                pass

    async def test_names_a_database_that_is_not_supported(self) -> None:
        """The error says which kind it is."""
        with pytest.raises(ValueError, match="'oracle'"):
            async with Database.open("oracle://somewhere"):
                pass
