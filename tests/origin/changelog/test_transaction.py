"""One change as one transaction."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pennon.errors import NotFound
from pennon.model.codec import decode_flag, digest_of
from pennon.model.position import ACCESS
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import Transaction, latest_changes, positions, snapshot
from pennon.origin.db.epochs import begin_epoch
from pennon.origin.db.installation import read_epoch
from tests.builders.origin import (
    NOON,
    a_changelog,
    a_flag,
    add_environment,
    publish,
    withdraw,
)

SHOP = "shop/production"


class TestPublish:
    async def test_takes_the_next_version_and_writes_it_into_the_item(self, tmp_path: Path) -> None:
        """A flag's own version is the one that its change took."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            versions = await publish(changelog, SHOP, a_flag("a"), a_flag("b"))
            changes = await database.read(lambda c: latest_changes(c, SHOP, 10))

        assert versions == [1, 2]
        assert [(c.key, c.position.version, c.committed_at) for c in changes] == [
            ("a", 1, NOON),
            ("b", 2, NOON),
        ]
        assert [decode_flag(c.item or b"").version for c in changes] == [1, 2]

    async def test_an_equal_item_takes_no_version(self, tmp_path: Path) -> None:
        """Publishing what is published already is not a change."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, a_flag("a"))
            again = await publish(changelog, SHOP, a_flag("a"))
            state = (await database.read(positions))[SHOP]

        assert again == [1]
        assert state.position.version == 1

    async def test_the_digest_is_that_of_what_is_published(self, tmp_path: Path) -> None:
        """Kept change by change, it equals the one worked out from all items."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, a_flag("a"), a_flag("b"), a_flag("c"))
            await publish(changelog, SHOP, a_flag("b", enabled=False))
            await withdraw(changelog, SHOP, "a")
            state = (await database.read(positions))[SHOP]
            whole = await database.read(lambda c: snapshot(c, SHOP))

        assert state.digest == digest_of(whole.items) == whole.digest

    async def test_concurrent_changes_lose_no_version(self, tmp_path: Path) -> None:
        """Fifty writers take fifty versions, none left out and none twice."""
        async with a_changelog(tmp_path, SHOP) as (_, changelog):
            versions = await asyncio.gather(
                *(publish(changelog, SHOP, a_flag(f"flag-{n}")) for n in range(50))
            )

        assert sorted(version for (version,) in versions) == list(range(1, 51))

    async def test_a_version_is_never_given_out_in_an_epoch_that_is_over(
        self, tmp_path: Path
    ) -> None:
        """Who began under the old one is refused when all is written back."""

        def work(transaction: Transaction) -> None:
            transaction.lock([SHOP])
            transaction.publish(SHOP, "flag", "a", a_flag("a"))
            begin_epoch(transaction.connection, [read_epoch(transaction.connection)])

        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            with pytest.raises(RuntimeError, match="an epoch began"):
                await changelog.commit(work)
            state = (await database.read(positions))[SHOP]

        assert state.position.version == 0


class TestWithdraw:
    async def test_takes_a_version_and_carries_no_item(self, tmp_path: Path) -> None:
        """A deletion is a change like any other."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            await publish(changelog, SHOP, a_flag("a"))
            versions = await withdraw(changelog, SHOP, "a")
            changes = await database.read(lambda c: latest_changes(c, SHOP, 1))

        assert versions == [2]
        assert changes[0].item is None

    async def test_what_is_not_published_takes_no_version(self, tmp_path: Path) -> None:
        """There is nothing to tell anyone."""
        async with a_changelog(tmp_path, SHOP) as (_, changelog):
            versions = await withdraw(changelog, SHOP, "a")

        assert versions == [None]


class TestCommit:
    async def test_an_error_takes_everything_back(self, tmp_path: Path) -> None:
        """No version, no row, no change, no wake-up."""

        def work(transaction: Transaction) -> None:
            transaction.lock([SHOP, ACCESS])
            transaction.publish(SHOP, "flag", "a", a_flag("a"))
            raise LookupError

        bus = MemoryBus()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, changelog):
            before = await database.read(positions)
            with bus.subscribe() as wakeups, pytest.raises(LookupError):
                await changelog.commit(work)

            assert await database.read(positions) == before
            assert await database.read(lambda c: latest_changes(c, SHOP, 1)) == []
            assert not await wakeups.wait(0)

    async def test_wakes_the_bus_after_the_commit(self, tmp_path: Path) -> None:
        """Who is woken finds the change."""
        bus = MemoryBus()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (_, changelog):
            with bus.subscribe() as wakeups:
                await publish(changelog, SHOP, a_flag("a"))

                assert await wakeups.wait(0)

    async def test_who_asked_may_go_away(self, tmp_path: Path) -> None:
        """A request that is cut off before its commit is made still wakes those who follow."""
        bus = MemoryBus()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, changelog):
            with bus.subscribe() as wakeups:
                request = asyncio.create_task(publish(changelog, SHOP, a_flag("a")))
                await asyncio.sleep(0)  # its turn to begin
                request.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await request
                woken = await wakeups.wait(5)
            state = (await database.read(positions))[SHOP]

        assert woken
        assert state.position.version == 1

    async def test_an_environment_that_is_not_there_is_not_found(self, tmp_path: Path) -> None:
        """Locking says so before anything is written."""
        async with a_changelog(tmp_path) as (_, changelog):
            with pytest.raises(NotFound, match=SHOP):
                await publish(changelog, SHOP, a_flag("a"))


class TestLock:
    async def test_again_is_nothing_and_more_is_an_error(self, tmp_path: Path) -> None:
        """Services compose within one lock; a later lock could wait for ever."""

        def again(transaction: Transaction) -> None:
            transaction.lock([SHOP, ACCESS])
            transaction.lock([ACCESS])

        def more(transaction: Transaction) -> None:
            transaction.lock([SHOP])
            transaction.lock([SHOP, ACCESS])

        async with a_changelog(tmp_path, SHOP) as (_, changelog):
            await changelog.commit(again)

            with pytest.raises(RuntimeError, match="all together"):
                await changelog.commit(more)


class TestStart:
    async def test_what_is_created_here_needs_no_lock(self, tmp_path: Path) -> None:
        """Nobody else can see it yet, so that it may come before and after the lock."""

        def work(transaction: Transaction) -> int:
            for name in (SHOP, "shop/staging"):
                add_environment(transaction.connection, name)
                transaction.start(name)
                transaction.lock([ACCESS, name])
            return transaction.publish("shop/staging", "flag", "a", a_flag("a"))

        async with a_changelog(tmp_path) as (database, changelog):
            version = await changelog.commit(work)
            state = (await database.read(positions))["shop/staging"]

        assert (version, state.position.version) == (1, 1)
