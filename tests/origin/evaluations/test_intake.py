"""Batches are taken once, and what they count is added up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.util import await_only

from pennon.errors import BadInput, NotReady, SourceLost
from pennon.origin.database_address import Backend
from pennon.origin.db import Database
from pennon.origin.db.tables import environments, evaluations, event_batches
from pennon.origin.evaluations.intake import MOST_WAITING, Intake
from pennon.origin.evaluations.pruning import prune
from pennon.origin.evaluations.rollup import DAY_MS
from tests.builders.api import Api, a_new_flag, a_shop
from tests.builders.events import a_batch, a_count, a_telling, an_exposure
from tests.builders.origin import NOON

T = TypeVar("T")


async def counted(api: Api, resolution: int = 86_400) -> int:
    """Return how many evaluations the origin knows of."""
    query = select(func.sum(evaluations.c.total)).where(evaluations.c.resolution == resolution)
    return int(await api.origin.read(lambda connection: connection.scalar(query)) or 0)


class TestIntake:
    async def test_once(self, tmp_path: Path) -> None:
        """A batch that is sent again, alone or beside others, adds nothing."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            batch = a_batch(a_count(3))
            await api.origin.intake.take(batch)
            await api.origin.intake.take(batch)
            await asyncio.gather(
                *(api.origin.intake.take(one) for one in (batch, a_batch(a_count(2)), batch))
            )

            assert [await counted(api, seconds) for seconds in (60, 3_600, 86_400)] == [5, 5, 5]

    async def test_unknown(self, tmp_path: Path) -> None:
        """Flags and environments that there are not leave nothing behind."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.origin.intake.take(a_batch(a_count(flag="none"), a_count(7)))
            await api.origin.intake.take(a_batch(a_count(), environment="none/none"))

            assert await counted(api) == 7

    async def test_too_old(self, tmp_path: Path) -> None:
        """What is too old to be known as new is taken, and counts nothing."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.origin.intake.take(a_batch(a_count(), at=NOON - 8 * DAY_MS))

            assert await counted(api) == 0

    async def test_at_least_once_is_exactly_once(self, tmp_path: Path) -> None:
        """Whatever is repeated and whoever comes at once, each batch counts once."""
        chance = random.Random(7)
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("other")) as api:
            batches = [
                a_batch(
                    a_count(chance.randint(1, 9), chance.choice(["checkout", "other"])),
                    a_count(1, variation=chance.choice(["on", None]), minute=NOON - n * 60_000),
                )
                for n in range(25)
            ]
            sent = [*batches, *chance.choices(batches, k=35)]
            chance.shuffle(sent)
            other = Intake(api.origin.database, api.clock)
            intakes = (api.origin.intake, other)
            await asyncio.gather(*(intakes[n % 2].take(batch) for n, batch in enumerate(sent)))
            expected = sum(
                one.count for batch in batches for one in batch.counts["shop/production"]
            )

            assert await counted(api) == expected
            assert await counted(api, 60) == expected

    async def test_behind_nobody(self, tmp_path: Path, backend: Backend) -> None:
        """Evaluations are counted while a change holds the environment."""
        if backend == "sqlite":
            pytest.skip("SQLite has one writer at a time, whatever it writes")
        async with a_shop(tmp_path, a_new_flag()) as api:
            loop = asyncio.get_running_loop()
            held, leave = asyncio.Event(), asyncio.Event()

            def change(connection: Connection) -> None:
                connection.execute(select(environments).with_for_update()).all()
                loop.call_soon_threadsafe(held.set)
                await_only(leave.wait())

            changing = asyncio.create_task(api.origin.database.write(change))
            await held.wait()
            async with asyncio.timeout(10):
                await api.origin.intake.take(a_batch(a_count(2)))
            leave.set()
            await changing

            assert await counted(api) == 2

    @pytest.mark.parametrize("key", ["x" * 5_000, "a\0b"])
    async def test_unholdable(self, tmp_path: Path, backend: Backend, key: str) -> None:
        """A batch that no database can hold is refused for good, and holds up no other."""
        if backend == "sqlite":
            pytest.skip("SQLite holds what it is given")
        bad = a_telling(exposures=(an_exposure(key),))
        good = [a_batch(a_count(2)) for _ in range(4)]
        async with a_shop(tmp_path, a_new_flag()) as api:
            intake = api.origin.intake
            batches = [*good[:2], bad, *good[2:]]
            came = await asyncio.gather(*map(intake.take, batches), return_exceptions=True)
            await intake.take(a_batch(a_count(1)))

            assert [type(one) for one in came] == [type(None)] * 2 + [BadInput] + [type(None)] * 2
            assert await counted(api) == 9


class Failing(Database):
    """A database that fails a few times, and then writes what it is told, or holds it."""

    def __init__(self, database: Database, *failures: Exception) -> None:
        self._database, self._failures = database, list(failures)
        self.go = asyncio.Event()
        self.go.set()
        self.writes = 0

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._database.read(work)

    async def write(self, work: Callable[[Connection], T], line: str | None = None) -> T:
        self.writes += 1
        await self.go.wait()
        if self._failures:
            raise self._failures.pop(0)
        return await self._database.write(work, line)

    async def check(self) -> None:
        """It is open already."""

    async def close(self) -> None:
        """It is closed by whom it belongs to."""


class TestTrouble:
    async def test_together(self, tmp_path: Path) -> None:
        """What comes while others are written is written together."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            database = Failing(api.origin.database)
            intake = Intake(database, api.clock)
            database.go.clear()
            taking = [asyncio.create_task(intake.take(a_batch(a_count()))) for _ in range(20)]
            await asyncio.sleep(0)
            database.go.set()
            await asyncio.gather(*taking)

            assert (database.writes, await counted(api)) == (2, 20)

    async def test_lost_database(self, tmp_path: Path) -> None:
        """While the database does not answer nothing is acknowledged; then all counts once."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            intake = Intake(Failing(api.origin.database, SourceLost("gone")), api.clock)
            batches = [a_batch(a_count()) for _ in range(3)]
            results = await asyncio.gather(
                *(intake.take(batch) for batch in batches), return_exceptions=True
            )
            assert [type(result) for result in results].count(NotReady) == 1
            for batch in batches:
                await intake.take(batch)

            assert await counted(api) == 3

    async def test_full(self, tmp_path: Path) -> None:
        """More than may wait are told to come back, and so is nobody after that."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            database = Failing(api.origin.database)
            intake = Intake(database, api.clock)
            database.go.clear()
            first = asyncio.create_task(intake.take(a_batch(a_count())))
            await asyncio.sleep(0)
            waiting = [
                asyncio.create_task(intake.take(a_batch(a_count()))) for _ in range(MOST_WAITING)
            ]
            await asyncio.sleep(0)
            with pytest.raises(NotReady):
                await intake.take(a_batch(a_count()))
            waiting.pop().cancel()
            await asyncio.sleep(0)
            waiting.append(asyncio.create_task(intake.take(a_batch(a_count()))))
            database.go.set()
            await asyncio.gather(first, *waiting)

            assert await counted(api) == 1 + MOST_WAITING

    async def test_replica(self, tmp_path: Path) -> None:
        """A secondary takes nothing; edges keep it for the primary."""
        async with a_shop(tmp_path) as api:
            database = Failing(api.origin.database)
            database.read_only = True
            with pytest.raises(NotReady):
                await Intake(database, api.clock).take(a_batch(a_count()))


class TestPruning:
    async def test_each_in_its_time(self, tmp_path: Path) -> None:
        """Minutes go after six hours, hours after two weeks, days after 400."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.origin.intake.take(a_batch(a_count()))
            found = []
            for days in (0.2, 0.3, 13, 15, 399, 402):
                await prune(api.origin.database, NOON + int(days * DAY_MS))
                found.append(tuple([await counted(api, one) for one in (60, 3_600, 86_400)]))

            assert found == [(1, 1, 1), (0, 1, 1), (0, 1, 1), (0, 0, 1), (0, 0, 1), (0, 0, 0)]

    async def test_batches(self, tmp_path: Path) -> None:
        """An id is remembered for longer than a batch may be late."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.origin.intake.take(a_batch(a_count()))
            left = []
            for days in (8, 10):
                await prune(api.origin.database, NOON + days * DAY_MS)
                left.append(len((await api.everything())[event_batches.name]))

            assert left == [1, 0]
