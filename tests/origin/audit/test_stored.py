"""Tampering drills: what someone does who has the database and took its guards away."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw
from sqlalchemy import Connection, select, text, update

from pennon.origin.audit import queries
from pennon.origin.audit.findings import Finding
from pennon.origin.audit.links import Checkpoint
from pennon.origin.audit.records import Record
from pennon.origin.audit.stored import find_head, verify_stored
from pennon.origin.audit.verification import Verdict
from pennon.origin.db.tables import audit
from tests.builders.api import Api, a_new_flag, a_shop
from tests.builders.audit import without_guards
from tests.builders.origin import NOON

RECORDS = 6
"""What `shop` has: a project, two environments and three flags were created."""

PARK = "UPDATE audit SET sequence = 99 WHERE chain = 'shop' AND sequence = {}"
MOVE = "UPDATE audit SET sequence = {1} WHERE chain = 'shop' AND sequence = {0}"
REMOVE = "DELETE FROM audit WHERE chain = 'shop' AND sequence = {}"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Api]:
    """An origin with a chain of records that nothing guards any more."""
    async with a_shop(tmp_path, *map(a_new_flag, "abc")) as api:
        await api.origin.database.write(without_guards)
        yield api


async def run(api: Api, *statements: str) -> None:
    """Run raw SQL."""

    def work(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    await api.origin.database.write(work)


async def verdict(api: Api, *checkpoints: Checkpoint) -> Verdict:
    """Return the verdict on the chain `shop`."""
    return await api.origin.read(partial(verify_stored, chain="shop", checkpoints=checkpoints))


async def finding(api: Api, *checkpoints: Checkpoint) -> Finding:
    """Return what is found in the chain `shop`."""
    found = (await verdict(api, *checkpoints)).finding
    assert found is not None
    return found


def named(found: Finding) -> tuple[str, int]:
    """Return what a finding names."""
    return found.kind, found.sequence


async def checkpoint(api: Api) -> Checkpoint:
    """Return a checkpoint of the chain `shop` as it is now."""
    head = await api.origin.read(partial(find_head, chain="shop"))
    assert head is not None
    return Checkpoint(chain="shop", sequence=head.sequence, hash=head.hash, at=NOON, key="key")


def rewrite(connection: Connection, sequence: int, **fields: Any) -> None:
    """Alter a record, make all that follow fit, and the head too."""
    rows = connection.execute(
        select(audit).where(audit.c.chain == "shop").order_by(audit.c.sequence)
    ).all()
    previous = rows[0].previous
    for row in rows:
        values = {**row._mapping, "previous": previous}
        del values["hash"]
        if row.sequence == sequence:
            values.update(fields)
        raw: dict[str, Any] = {
            name: Raw(value) if isinstance(value, bytes) else value
            for name, value in values.items()
        }
        values["hash"] = previous = Record(**raw).hash()
        connection.execute(
            update(audit)
            .where(audit.c.chain == "shop", audit.c.sequence == row.sequence)
            .values(values)
        )
    queries.move_head(connection, "shop", rows[-1].sequence, previous)


class TestIntact:
    async def test_every_chain(self, shop: Api) -> None:
        """As the origin wrote it, and the installation's own too."""

        def verdicts(connection: Connection) -> dict[str, Verdict]:
            chains = queries.all_chains(connection)
            return {chain: verify_stored(connection, chain) for chain in chains}

        found = await shop.origin.read(verdicts)

        assert {chain: one.records for chain, one in found.items()} == {
            "shop": RECORDS,
            "$installation": 1,
        }
        assert [one.finding for one in found.values()] == [None, None]

    async def test_a_chain_longer_than_a_batch(self, shop: Api) -> None:
        """Where a batch ends, nothing is lost or read twice."""
        found = await shop.origin.read(partial(verify_stored, chain="shop", batch=2))

        assert (found.finding, found.records) == (None, RECORDS)


class TestAltered:
    @pytest.mark.parametrize(
        "change",
        [
            {"after": b'{"key":"c"}'},
            {"before": b"1"},
            {"instructions": b"[]"},
            {"summary": b"[ ]"},
            {"versions": b"{}"},
            {"at": NOON + 1},
            {"actor": "eve"},
            {"actor_name": "eve"},
            {"address": "10.0.0.1"},
            {"action": "flag.updated"},
            {"resource": "flag/z"},
            {"environment": "shop/production"},
            {"comment": "because"},
            {"previous": "f" * 64},
            {"hash": "f" * 64},
        ],
        ids=lambda change: next(iter(change)),
    )
    async def test_a_column(self, shop: Api, change: dict[str, Any]) -> None:
        """Whichever it is, the record is named."""
        statement = update(audit).where(audit.c.chain == "shop", audit.c.sequence == 5)
        await shop.origin.database.write(lambda c: c.execute(statement.values(change)))

        assert named(await finding(shop)) == ("altered", 5)


class TestRows:
    async def test_one_removed(self, shop: Api) -> None:
        """The gap is named."""
        await run(shop, REMOVE.format(3))

        assert named(await finding(shop)) == ("missing", 3)

    async def test_one_removed_and_the_gap_closed(self, shop: Api) -> None:
        """The records that were moved up tell where they stood."""
        await run(shop, REMOVE.format(3), *(MOVE.format(n, n - 1) for n in (4, 5, 6)))

        assert named(await finding(shop)) == ("missing", 3)

    async def test_two_swapped(self, shop: Api) -> None:
        """The first of them is named."""
        await run(shop, PARK.format(2), MOVE.format(5, 2), MOVE.format(99, 5))

        assert named(await finding(shop)) == ("reordered", 2)

    async def test_one_inserted(self, shop: Api) -> None:
        """A copy in the middle, for which the others made room."""
        await run(
            shop,
            *(MOVE.format(n, n + 1) for n in (6, 5, 4)),
            "INSERT INTO audit SELECT chain, 4, at, actor, actor_name, address, action, resource, "
            "environment, before, after, comment, instructions, summary, versions, previous, hash "
            "FROM audit WHERE chain = 'shop' AND sequence = 3",
        )

        assert named(await finding(shop)) == ("inserted", 3)

    async def test_one_appended(self, shop: Api) -> None:
        """The head does not know it."""
        await run(
            shop,
            "INSERT INTO audit SELECT chain, 7, at, actor, actor_name, address, action, resource, "
            "environment, before, after, comment, instructions, summary, versions, hash, hash "
            "FROM audit WHERE chain = 'shop' AND sequence = 6",
        )

        assert named(await finding(shop)) == ("inserted", 7)


class TestTail:
    async def test_cut_off(self, shop: Api) -> None:
        """The head knows how far the chain went."""
        await run(shop, REMOVE.format(6), REMOVE.format(5))

        assert named(await finding(shop)) == ("cut-off", 5)

    async def test_cut_off_and_the_head_set_back(self, shop: Api) -> None:
        """Only a checkpoint, kept elsewhere, knows it still."""
        kept = await checkpoint(shop)
        await run(
            shop,
            REMOVE.format(6),
            "UPDATE audit_heads SET sequence = 5, hash = "
            "(SELECT hash FROM audit WHERE chain = 'shop' AND sequence = 5) WHERE chain = 'shop'",
        )

        assert (await verdict(shop)).finding is None
        assert named(await finding(shop, kept)) == ("cut-off", 6)

    async def test_everything_rewritten(self, shop: Api) -> None:
        """Every hash and the head too: the database alone cannot know, a checkpoint does."""
        kept = await checkpoint(shop)
        await shop.origin.database.write(partial(rewrite, sequence=2, actor_name="eve"))

        assert (await verdict(shop)).finding is None
        assert named(await finding(shop, kept)) == ("rewritten", 6)

    @pytest.mark.parametrize("change", ["sequence = 4", "sequence = 9", "hash = 'f'"])
    async def test_the_head_altered(self, shop: Api, change: str) -> None:
        """A head that fits no longer is found, whatever became of it."""
        await run(shop, f"UPDATE audit_heads SET {change} WHERE chain = 'shop'")

        assert (await finding(shop)).sequence in (6, 7)

    async def test_a_whole_chain_removed(self, shop: Api) -> None:
        """A project has a chain: it is asked for although no row is left of it."""
        await run(
            shop,
            "DELETE FROM audit WHERE chain = 'shop'",
            "DELETE FROM audit_heads WHERE chain = 'shop'",
        )

        assert "shop" in await shop.origin.read(queries.all_chains)
        assert named(await finding(shop)) == ("head", 0)
