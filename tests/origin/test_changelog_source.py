"""The origin's own source."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pennon.errors import SourceLost
from pennon.model.codec import format_digest
from pennon.model.messages import Change, Contact, Heartbeat, Message, Snapshot
from pennon.model.position import Position
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import positions, snapshot
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.db import Database
from tests.builders.origin import Clock, a_changelog, a_flag, publish

SHOP = "shop/production"
LATER = 3600.0


def a_source(
    database: Database, bus: MemoryBus, clock: Clock | None = None, tick: float = LATER
) -> ChangelogSource:
    """A source that is woken by the bus alone, unless *tick* says otherwise."""
    return ChangelogSource(database, bus, clock or Clock(), tick=tick)


async def until_contact(messages: AsyncIterator[Message]) -> list[Message]:
    """Return what comes before the source next waits."""
    found: list[Message] = []
    async for message in messages:
        if isinstance(message, Contact):
            break
        found.append(message)
    return found


class TestMessages:
    async def test_who_has_nothing_gets_a_snapshot(self, tmp_path: Path) -> None:
        """The whole environment, then a heartbeat with the digest on record."""
        bus = MemoryBus()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, changelog):
            await publish(changelog, SHOP, a_flag())
            whole = await database.read(lambda c: snapshot(c, SHOP))
            messages = a_source(database, bus).messages({SHOP: None})
            found = await until_contact(messages)
            await messages.aclose()

        assert found[0] == whole
        assert isinstance(found[1], Heartbeat)
        assert found[1].position == whole.position
        assert found[1].digest == format_digest(whole.digest)

    async def test_who_is_behind_gets_what_it_lacks(self, tmp_path: Path) -> None:
        """Changes alone where the log covers the position."""
        bus = MemoryBus()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, changelog):
            await publish(changelog, SHOP, *(a_flag(f"flag-{n}") for n in range(1203)))
            epoch = (await database.read(positions))[SHOP].position.epoch
            messages = a_source(database, bus).messages({SHOP: Position(epoch, 1)})
            found = await until_contact(messages)
            await messages.aclose()

        assert [m.position.version for m in found if isinstance(m, Change)] == [*range(2, 1204)]
        assert not any(isinstance(m, Snapshot) for m in found)

    async def test_a_change_wakes_it(self, tmp_path: Path) -> None:
        """What is committed is told at once, without a tick."""
        bus = MemoryBus()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, changelog):
            messages = a_source(database, bus).messages({SHOP: None})
            await until_contact(messages)
            await publish(changelog, SHOP, a_flag("a"))
            found = await until_contact(messages)
            await messages.aclose()

        assert [m.key for m in found if isinstance(m, Change)] == ["a"]

    async def test_a_tick_does_where_the_bus_is_silent(self, tmp_path: Path) -> None:
        """A lost wake-up costs a tick, not a change."""
        async with a_changelog(tmp_path, SHOP) as (database, changelog):
            messages = a_source(database, MemoryBus(), tick=0.001).messages({SHOP: None})
            await until_contact(messages)
            await publish(changelog, SHOP, a_flag("a"))
            found = [message async for message in first_change(messages)]
            await messages.aclose()

        assert [change.key for change in found] == ["a"]

    async def test_concurrent_writers_are_followed_without_a_gap(self, tmp_path: Path) -> None:
        """Whatever the order of commits, versions come dense and in order."""
        bus = MemoryBus()
        names = [SHOP, "shop/staging"]
        async with a_changelog(tmp_path, *names, bus=bus) as (database, changelog):
            messages = a_source(database, bus).messages(dict.fromkeys(names))
            await until_contact(messages)
            writes = asyncio.gather(
                *(publish(changelog, names[n % 2], a_flag(f"flag-{n}")) for n in range(50))
            )
            seen: dict[str, list[int]] = {name: [] for name in names}
            async for message in messages:
                if isinstance(message, Change):
                    seen[message.environment].append(message.position.version)
                if sum(map(len, seen.values())) == 50:
                    break
            await writes
            await messages.aclose()

        assert seen == {name: list(range(1, 26)) for name in names}

    async def test_heartbeats_keep_their_distance(self, tmp_path: Path) -> None:
        """One when caught up, the next when its time has come."""
        bus, clock = MemoryBus(), Clock()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, _):
            messages = a_source(database, bus, clock).messages({SHOP: None})
            counts = []
            for step in (0, 29_999, 1, 30_000):
                clock.now += step
                await bus.notify([SHOP])
                found = await until_contact(messages)
                counts.append(sum(isinstance(m, Heartbeat) for m in found))
            await messages.aclose()

        assert counts == [1, 0, 1, 1]

    async def test_a_clock_put_back(self, tmp_path: Path) -> None:
        """It is no reason to say nothing for as long: the whole tree would take that for stale."""
        bus, clock = MemoryBus(), Clock()
        clock.now = 86_400_000
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, _):
            messages = a_source(database, bus, clock).messages({SHOP: None})
            counts = []
            for step in (0, -3_600_000, 29_999, 1):
                clock.now += step
                await bus.notify([SHOP])
                found = await until_contact(messages)
                counts.append(sum(isinstance(m, Heartbeat) for m in found))
            await messages.aclose()

        assert counts == [1, 1, 0, 1]

    async def test_who_is_ahead_gets_heartbeats_only(self, tmp_path: Path) -> None:
        """A database that lags behind its follower has nothing to tell it."""
        bus = MemoryBus()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, changelog):
            await publish(changelog, SHOP, a_flag())
            epoch = (await database.read(positions))[SHOP].position.epoch
            messages = a_source(database, bus).messages({SHOP: Position(epoch, 7)})
            found = await until_contact(messages)
            await messages.aclose()

        assert [type(message) for message in found] == [Heartbeat]

    async def test_an_environment_that_is_not_there_is_waited_for(self, tmp_path: Path) -> None:
        """Nothing is said of it until it exists."""
        bus = MemoryBus()
        async with a_changelog(tmp_path, bus=bus) as (database, _):
            messages = a_source(database, bus).messages({SHOP: None})
            found = await until_contact(messages)
            await messages.aclose()

        assert found == []

    async def test_a_database_that_does_not_answer_is_a_lost_source(self, tmp_path: Path) -> None:
        """The pump knows one way in which a source ends."""
        bus = MemoryBus()
        async with a_changelog(tmp_path, SHOP, bus=bus) as (database, _):
            await database.write(lambda c: c.execute(text("DROP TABLE installation")))

            with pytest.raises(SourceLost):
                await until_contact(a_source(database, bus).messages({SHOP: None}))


async def first_change(messages: AsyncIterator[Message]) -> AsyncGenerator[Change]:
    """Yield the next change, then end."""
    async for message in messages:
        if isinstance(message, Change):
            yield message
            return
