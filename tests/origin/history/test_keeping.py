"""What is written of a transaction that publishes."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, select

from pennon.model.position import ACCESS
from pennon.origin.authors import PENNON
from pennon.origin.changelog import Transaction
from pennon.origin.db.tables import audit, history
from pennon.origin.flags import definitions
from pennon.origin.flags.schemas import NewFlag
from tests.builders.api import a_new_flag, a_shop
from tests.builders.origin import a_changelog, a_flag, publish, withdraw

SHOP = "shop/production"


def kept(connection: Connection) -> list[tuple[str, int, bool]]:
    """Return of every version its environment, its number and whether it holds something."""
    rows = connection.execute(select(history).order_by(history.c.environment, history.c.version))
    return [(row.environment, row.version, row.data is not None) for row in rows]


def actions(connection: Connection) -> list[tuple[str, str]]:
    """Return of every version in production its key and the resource of its audit record."""
    rows = connection.execute(
        select(history.c.key, audit.c.resource)
        .join_from(history, audit, audit.c.sequence == history.c.record)
        .where(history.c.environment == SHOP, audit.c.chain == "shop")
        .order_by(history.c.version)
    )
    return [(row.key, row.resource) for row in rows]


class TestKept:
    async def test_every_version_is_a_row(self, tmp_path: Path) -> None:
        """Also one that nothing is left of."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, a_flag("a"), a_flag("b"))
            await withdraw(changelog, SHOP, "a")
            rows = await database.read(kept)

        assert rows == [(SHOP, 1, True), (SHOP, 2, True), (SHOP, 3, False)]

    async def test_what_takes_no_version_is_no_row(self, tmp_path: Path) -> None:
        """An equal flag is the version that there is."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            for _ in range(2):
                await publish(changelog, SHOP, a_flag("a"))
            rows = await database.read(kept)

        assert rows == [(SHOP, 1, True)]

    async def test_each_change_of_a_transaction_has_its_own_record(self, tmp_path: Path) -> None:
        """One request may be several changes."""

        def create_two(transaction: Transaction) -> None:
            for key in ("a", "b"):
                new = NewFlag(key=key, type="boolean")
                definitions.create(transaction, "shop", new, PENNON)

        async with a_shop(tmp_path) as api:
            await api.origin.write(create_two)
            found = await api.origin.read(actions)

        assert found == [("a", "flag/a"), ("b", "flag/b")]

    async def test_keys_have_no_history(self, tmp_path: Path) -> None:
        """Nothing could be done with an old one."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            rows = await api.origin.read(kept)

        assert ACCESS not in {environment for environment, _, _ in rows}
