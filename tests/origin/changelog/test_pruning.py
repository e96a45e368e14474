"""The changelog is kept bounded."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from pennon.model.position import Position
from pennon.origin.changelog import changes_after, positions, snapshot
from pennon.origin.changelog.pruning import Keep, prune, prune_for_ever
from tests.builders.origin import NOON, Clock, a_changelog, a_flag, publish

SHOP = "shop/production"


class Rested(Exception):
    """A round of pruning is over."""


async def rest(seconds: float) -> None:
    """End for ever after its first round."""
    raise Rested(seconds)


class TestPrune:
    async def test_removes_what_is_too_old(self, tmp_path: Path) -> None:
        """Changes older than the age go, those younger stay."""
        clock = Clock()
        async with a_changelog(tmp_path, SHOP, clock=clock) as (database, changelog):
            await publish(changelog, SHOP, a_flag("a"), a_flag("b"))
            clock.now += 1000
            await publish(changelog, SHOP, a_flag("c"))
            keep = Keep(milliseconds=500)
            removed = await database.write(lambda c: prune(c, SHOP, clock.now, keep))

        assert removed == 2

    async def test_a_clock_that_went_back_leaves_no_hole(self, tmp_path: Path) -> None:
        """What goes is always the oldest versions, whatever their times say."""
        clock = Clock()
        async with a_changelog(tmp_path, SHOP, clock=clock) as (database, changelog):
            await publish(changelog, SHOP, a_flag("a"))
            clock.now -= 10_000
            await publish(changelog, SHOP, a_flag("b"))
            await publish(changelog, SHOP, a_flag("c"))
            keep = Keep(milliseconds=5_000)
            removed = await database.write(lambda c: prune(c, SHOP, NOON, keep))

        assert removed == 2

    async def test_the_newest_change_stays(self, tmp_path: Path) -> None:
        """However old it is: a snapshot says when its version was committed."""
        clock = Clock()
        async with a_changelog(tmp_path, SHOP, clock=clock) as (database, changelog):
            await publish(changelog, SHOP, a_flag("a"), a_flag("b"))
            clock.now += 10_000
            keep = Keep(milliseconds=500)
            removed = await database.write(lambda c: prune(c, SHOP, clock.now, keep))
            held = await database.read(lambda c: snapshot(c, SHOP))

        assert removed == 1
        assert held.committed_at == NOON


class TestPruneForEver:
    async def test_takes_every_environment_then_rests(self, tmp_path: Path) -> None:
        """One round, then the sleep that it was given."""

        async with a_changelog(tmp_path, SHOP, "shop/staging") as (database, changelog):
            for environment in (SHOP, "shop/staging"):
                await publish(changelog, environment, a_flag("a"), a_flag("b"))
            with pytest.raises(Rested, match="60"):
                await prune_for_ever(database, Clock(), Keep(rows=1), every=60, sleep=rest)
            epoch = (await database.read(positions))[SHOP].position.epoch
            found = [
                await database.read(lambda c: changes_after(c, SHOP, Position(epoch, 0), 9)),
                await database.read(
                    lambda c: changes_after(c, "shop/staging", Position(epoch, 0), 9)
                ),
            ]

        assert found == [None, None]

    async def test_a_database_that_does_not_answer_is_tried_again(self, tmp_path: Path) -> None:
        """The round is over, the task is not."""
        async with a_changelog(tmp_path, SHOP) as (database, _):
            await database.write(lambda c: c.execute(text("DROP TABLE changelog")))

            with pytest.raises(Rested):
                await prune_for_ever(database, Clock(), Keep(), sleep=rest)
