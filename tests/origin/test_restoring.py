"""A database that was brought back begins an epoch, on either kind of database."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import json
from sqlalchemy import Connection, Row, select

from pennon.origin import changelog
from pennon.origin.authors import operator
from pennon.origin.db import Database
from pennon.origin.db.installation import read_epoch
from pennon.origin.db.tables import audit
from pennon.origin.restoring import begin_anew
from tests.builders.databases import a_database_url
from tests.builders.origin import a_changelog, a_flag

ENVIRONMENT = "shop/production"


async def shrunken(folder: Path, *, allow_shrink: bool) -> bool:
    """Return whether the origin vouches for an environment of one flag after a restore."""
    async with a_changelog(folder, ENVIRONMENT) as (_, log):
        await log.commit(lambda transaction: _publish(transaction, "checkout"))
    await begin_anew(a_database_url(folder), operator(None), allow_shrink=allow_shrink)
    async with Database.open(a_database_url(folder)) as database:
        held = await database.read(partial(changelog.snapshot, environment=ENVIRONMENT))
    return held.shrink_allowed


def _publish(transaction: changelog.Transaction, key: str) -> None:
    transaction.lock([ENVIRONMENT])
    transaction.publish(ENVIRONMENT, "flag", key, a_flag(key))


def _last_record(connection: Connection) -> Row[Any]:
    newest = select(audit).order_by(audit.c.sequence.desc()).limit(1)
    return connection.execute(newest).one()


class TestBeginAnew:
    """`begin_anew`."""

    async def test_the_epoch_is_a_later_one(self, tmp_path: Path) -> None:
        """Later than the database's own and than that of what it replaces, be it in the future."""
        url = a_database_url(tmp_path)
        async with Database.open(url) as database:
            before = await database.read(read_epoch)
        future = "4000000000000-00000000"
        epoch = await begin_anew(url, operator(None), replaced=[future])
        async with Database.open(url) as database:
            after = await database.read(read_epoch)

        assert before < future < epoch
        assert after == epoch

    async def test_the_log_says_why(self, tmp_path: Path) -> None:
        """On the installation's own chain, with the comment."""
        url = a_database_url(tmp_path)
        epoch = await begin_anew(url, operator("The disk had died"))
        async with Database.open(url) as database:
            row = await database.read(_last_record)

        assert (row.action, row.comment) == ("installation.restored", "The disk had died")
        assert json.decode(row.after) == {"epoch": epoch}

    @pytest.mark.parametrize("allowed", [True, False])
    async def test_a_smaller_environment_is_vouched_for_where_it_is_allowed(
        self, tmp_path: Path, allowed: bool
    ) -> None:
        """Nodes refuse what has shrunk by more than half, unless the operator says so."""
        assert await shrunken(tmp_path, allow_shrink=allowed) is allowed
