"""What followers ask the changelog."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from pennon.errors import NotFound
from pennon.model.position import Position
from pennon.origin.changelog import changes_after, positions, snapshot
from pennon.origin.changelog.pruning import Keep, prune
from tests.builders.origin import NOON, a_changelog, a_flag, publish, withdraw

SHOP = "shop/production"
OLD_EPOCH = "0000000000001-00000000"
NEW_EPOCH = "9999999999999-00000000"


class TestChangesAfter:
    async def test_gives_what_follows_in_order(self, tmp_path: Path) -> None:
        """From a position of the same epoch: the changes after it, up to the limit."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, *(a_flag(key) for key in "abcd"))
            here = (await database.read(positions))[SHOP].position
            found = await database.read(
                lambda c: changes_after(c, SHOP, Position(here.epoch, 1), 2)
            )

        assert [change.key for change in found or ()] == ["b", "c"]

    @pytest.mark.parametrize("ahead", [0, 1, 1000])
    async def test_nothing_follows_a_position_that_is_not_behind(
        self, tmp_path: Path, ahead: int
    ) -> None:
        """A follower that is level, or ahead of a database that lags, is owed nothing."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, a_flag())
            here = (await database.read(positions))[SHOP].position
            position = Position(here.epoch, here.version + ahead)
            found = await database.read(lambda c: changes_after(c, SHOP, position, 9))

        assert found == []

    async def test_nothing_follows_a_newer_epoch(self, tmp_path: Path) -> None:
        """A newer line of versions than ours is ahead of us, whatever its version."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, a_flag())
            found = await database.read(lambda c: changes_after(c, SHOP, Position(NEW_EPOCH, 0), 9))

        assert found == []

    async def test_an_older_epoch_is_not_covered(self, tmp_path: Path) -> None:
        """Versions of another line say nothing about this one."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, a_flag())
            found = await database.read(lambda c: changes_after(c, SHOP, Position(OLD_EPOCH, 0), 9))

        assert found is None

    async def test_what_was_pruned_is_not_covered(self, tmp_path: Path) -> None:
        """A gap is never papered over."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, *(a_flag(key) for key in "abcd"))
            await database.write(lambda c: prune(c, SHOP, NOON, Keep(rows=2)))
            epoch = (await database.read(positions))[SHOP].position.epoch
            gone = await database.read(lambda c: changes_after(c, SHOP, Position(epoch, 1), 9))
            kept = await database.read(lambda c: changes_after(c, SHOP, Position(epoch, 2), 9))

        assert gone is None
        assert [change.key for change in kept or ()] == ["c", "d"]

    async def test_an_unknown_environment_is_not_found(self, tmp_path: Path) -> None:
        """It is an error, not an empty answer."""
        async with a_changelog(tmp_path) as (database, _):
            with pytest.raises(NotFound):
                await database.read(lambda c: changes_after(c, SHOP, Position(OLD_EPOCH, 0), 9))


class TestShrinkAllowed:
    async def test_when_more_deletions_are_on_record_than_flags_are_left(
        self, tmp_path: Path
    ) -> None:
        """Our own history explains how an environment lost more than half."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, *(a_flag(key) for key in "abcde"))
            await withdraw(changelog, SHOP, *"abc")
            found = await database.read(lambda c: snapshot(c, SHOP))

        assert found.shrink_allowed

    async def test_not_for_a_new_database(self, tmp_path: Path) -> None:
        """An empty environment without a history is more likely the wrong database."""
        async with a_changelog(tmp_path, SHOP) as (database, _):
            found = await database.read(lambda c: snapshot(c, SHOP))

        assert not found.shrink_allowed

    async def test_not_when_rows_are_gone_that_nobody_deleted(self, tmp_path: Path) -> None:
        """Items that do not add up to the history's digest are damage."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, *(a_flag(key) for key in "abcde"))
            await withdraw(changelog, SHOP, *"abc")
            await database.write(lambda c: c.execute(text("DELETE FROM items WHERE key = 'd'")))
            found = await database.read(lambda c: snapshot(c, SHOP))

        assert not found.shrink_allowed
