"""A table that only grows, and whether the database still sees to that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pennon.origin.audit.stored import verify_guards
from pennon.origin.database_address import Backend
from tests.builders.api import Api, an_api

SQLITE = {
    "missing": ["DROP TRIGGER audit_refuses_update"],
    "not the one": [
        "DROP TRIGGER audit_refuses_update",
        "CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit WHEN 0 BEGIN SELECT 1; END",
    ],
}
POSTGRES = {
    "missing": ["DROP TRIGGER audit_refuses_changes ON audit"],
    "disabled": ["ALTER TABLE audit DISABLE TRIGGER audit_refuses_changes"],
    "is disabled": ["ALTER TABLE audit ENABLE REPLICA TRIGGER audit_refuses_changes"],
    "not the one": [
        "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN NULL; END $$"
    ],
    "not the one that": [
        "DROP TRIGGER audit_refuses_changes ON audit",
        "CREATE TRIGGER audit_refuses_changes BEFORE UPDATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
    ],
}


async def run(api: Api, statements: Sequence[str]) -> None:
    """Run raw SQL."""
    await api.origin.database.write(lambda c: [c.execute(text(one)) for one in statements])


class TestGuards:
    @pytest.mark.parametrize("statement", ["UPDATE audit SET comment = ''", "DELETE FROM audit"])
    async def test_refuse(self, tmp_path: Path, statement: str) -> None:
        """The database does, whoever asks."""
        async with an_api(tmp_path) as api:
            with pytest.raises(DBAPIError, match="append-only"):
                await run(api, [statement])

    async def test_are_there(self, tmp_path: Path) -> None:
        """Nothing is said of a database as it was made."""
        async with an_api(tmp_path) as api:
            found = await api.origin.read(verify_guards)

        assert found == ()

    async def test_that_are_gone_are_told(self, tmp_path: Path, backend: Backend) -> None:
        """Removed, disabled, or made to let something through."""
        done = SQLITE if backend == "sqlite" else POSTGRES
        for number, (told, statements) in enumerate(done.items()):
            folder = tmp_path / str(number)
            folder.mkdir()
            async with an_api(folder) as api:
                await run(api, statements)
                found = await api.origin.read(verify_guards)

            assert [told in one for one in found] == [True]
