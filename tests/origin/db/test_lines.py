"""Units of work in line: their order, their company, and that each keeps its own fate."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, insert, select

from pennon.errors import NotFound, SourceLost
from pennon.origin.db import Database
from pennon.origin.db.database import Work
from pennon.origin.db.lines import Lines
from pennon.origin.db.tables import audit_heads, metadata
from tests.builders.databases import a_database_url

T = TypeVar("T")

PATIENCE = 10.0


def add(name: str, connection: Connection) -> str:
    """Write a row that says that this unit of work was here."""
    connection.execute(insert(audit_heads), {"chain": name, "sequence": 0, "hash": ""})
    return name


def adding(name: str) -> Work[str]:
    """Return a unit of work that writes a row."""
    return lambda connection: add(name, connection)


def names(connection: Connection) -> list[str]:
    """Return the rows that were written, but for the installation's own."""
    chains = connection.scalars(select(audit_heads.c.chain).order_by(audit_heads.c.chain))
    return [chain for chain in chains if not chain.startswith("$")]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Memory:
    """A database in memory, how often it was written to, and a gate that may hold writers up."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.gate = asyncio.Event()
        self.gate.set()
        self.transactions = 0

    async def run(self, _name: str, work: Work[T]) -> T:
        """Run *work* as a transaction."""
        await self.gate.wait()
        self.transactions += 1
        with self.engine.begin() as connection:
            return work(connection)

    def names(self) -> list[str]:
        """Return the rows that were committed."""
        with self.engine.begin() as connection:
            return names(connection)


@pytest.fixture
def memory() -> Iterator[Memory]:
    """Give a database in memory."""
    engine = create_engine("sqlite://", connect_args={"isolation_level": None})
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    metadata.create_all(engine)
    yield Memory(engine)
    engine.dispose()


class TestDatabase:
    """Whichever it is."""

    async def test_serves_in_the_order_in_which_they_came(self, tmp_path: Path) -> None:
        """Nobody overtakes anybody in the same line."""
        served: list[int] = []

        def noting(number: int) -> Work[None]:
            return lambda _: served.append(number)

        async with Database.open(a_database_url(tmp_path)) as database:
            await asyncio.gather(*(database.write(noting(n), "line") for n in range(30)))

        assert served == list(range(30))

    async def test_takes_back_what_one_wrote_that_raised(self, tmp_path: Path) -> None:
        """The others know nothing of it."""

        def fail(connection: Connection) -> None:
            add("never", connection)
            raise NotFound("flag", "a")

        async with Database.open(a_database_url(tmp_path)) as database:
            answers = await asyncio.gather(
                database.write(adding("a"), "line"),
                database.write(fail, "line"),
                database.write(adding("b"), "line"),
                return_exceptions=True,
            )
            written = await database.read(names)

        assert [str(answer) for answer in answers] == ["a", str(NotFound("flag", "a")), "b"]
        assert written == ["a", "b"]

    async def test_finds_out_whom_it_refuses(self, tmp_path: Path) -> None:
        """Whoever was committed with what the database refuses is committed all the same."""
        async with Database.open(a_database_url(tmp_path)) as database:
            answers = await asyncio.gather(
                *(database.write(adding(name), "line") for name in ("a", "b", "a", "c")),
                return_exceptions=True,
            )
            written = await database.read(names)

        assert [isinstance(answer, Exception) for answer in answers] == [False, False, True, False]
        assert written == ["a", "b", "c"]

    async def test_closes_once_all_are_served(self, tmp_path: Path) -> None:
        """What was asked for before is not lost."""
        url = a_database_url(tmp_path)
        async with Database.open(url) as database:
            asked = [
                asyncio.create_task(database.write(adding(name), "line")) for name in ("a", "b")
            ]
            await asyncio.sleep(0)
        async with Database.open(url) as database:
            written = await database.read(names)

        assert [await one for one in asked] == written == ["a", "b"]


class TestLines:
    async def test_who_wait_together_are_committed_together(self, memory: Memory) -> None:
        """The first goes alone, and those who have come meanwhile after it, as one."""
        lines = Lines(memory.run, PATIENCE)
        memory.gate.clear()
        first = asyncio.create_task(lines.write("line", adding("a")))
        await asyncio.sleep(0)
        rest = asyncio.gather(*(lines.write("line", adding(name)) for name in "bcd"))
        memory.gate.set()
        answers = [await first, *await rest]

        assert answers == memory.names() == ["a", "b", "c", "d"]
        assert memory.transactions == 2

    async def test_a_transaction_takes_up_work_for_a_moment_only(self, memory: Memory) -> None:
        """Who is first is not kept waiting for all who come later."""
        clock = Clock()

        def slow(name: str) -> Work[str]:
            def work(connection: Connection) -> str:
                clock.now += 1.0
                return add(name, connection)

            return work

        lines = Lines(memory.run, PATIENCE, clock)
        answers = await asyncio.gather(*(lines.write("line", slow(name)) for name in "abc"))

        assert answers == memory.names() == ["a", "b", "c"]
        assert memory.transactions == 3

    async def test_another_line_does_not_wait(self, memory: Memory) -> None:
        """Each has its own."""
        held = asyncio.Event()

        async def run(name: str, work: Work[T]) -> T:
            if name == "held":
                await held.wait()
            return await memory.run(name, work)

        lines = Lines(run, PATIENCE)
        waiting = asyncio.create_task(lines.write("held", adding("a")))
        await lines.write("other", adding("b"))
        before = memory.names()
        held.set()
        await waiting

        assert before == ["b"]
        assert memory.names() == ["a", "b"]

    async def test_what_waits_for_too_long_is_not_begun(self, memory: Memory) -> None:
        """Who asked is told to come again, and that nothing was changed is true."""
        clock = Clock()
        lines = Lines(memory.run, PATIENCE, clock)
        memory.gate.clear()
        first = asyncio.create_task(lines.write("line", adding("a")))
        await asyncio.sleep(0)
        late = asyncio.create_task(lines.write("line", adding("b")))
        await asyncio.sleep(0)
        clock.now += PATIENCE + 1
        memory.gate.set()
        await first
        with pytest.raises(SourceLost, match="in line"):
            await late

        assert memory.names() == ["a"]

    async def test_what_nobody_waits_for_is_not_begun(self, memory: Memory) -> None:
        """Who went away before its turn has changed nothing."""
        lines = Lines(memory.run, PATIENCE)
        memory.gate.clear()
        first = asyncio.create_task(lines.write("line", adding("a")))
        await asyncio.sleep(0)
        gone = asyncio.create_task(lines.write("line", adding("b")))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        memory.gate.set()
        await first
        await lines.ended()

        assert memory.names() == ["a"]

    async def test_a_database_that_is_lost_is_lost_for_all(self, memory: Memory) -> None:
        """Nobody knows what became of the commit, so nothing is run again."""

        async def run(_name: str, work: Work[T]) -> T:
            memory.transactions += 1
            raise SourceLost("The database did not answer.")

        lines = Lines(run, PATIENCE)
        answers = await asyncio.gather(
            *(lines.write("line", adding(name)) for name in "ab"), return_exceptions=True
        )

        assert [type(answer) for answer in answers] == [SourceLost, SourceLost]
        assert memory.transactions == 1
