"""What only PostgreSQL has: collations, a network, other migrators, text without a NUL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, ExitStack, aclosing, asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette

from pennon.errors import BadInput, SourceLost
from pennon.model.access import format_key
from pennon.origin.api import api_routes
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import positions
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.db import Database, migrate
from pennon.origin.db.connections import WRITERS, writing_engine
from pennon.origin.db.installation import read_epoch
from pennon.origin.db.postgres import TAKE_TURN
from pennon.origin.db.tables import environments
from pennon.origin.services import Origin
from tests.builders.databases import a_database_url, an_unmigrated_database_url
from tests.builders.origin import Clock
from tests.builders.postgres import MISSING, Server, a_home, binaries

if binaries() is None:
    pytest.skip(MISSING, allow_module_level=True)

pytestmark = [
    pytest.mark.parametrize("backend", ["postgresql"], indirect=True),
    pytest.mark.usefixtures("backend"),
]

OTHER_ORDER = text(
    "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = 'public' AND data_type = 'character varying' "
    "AND table_name <> 'alembic_version' AND collation_name IS DISTINCT FROM 'C'"
)
HANG_UP = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@asynccontextmanager
async def a_stoppable_database() -> AsyncGenerator[tuple[Database, Server, ExitStack]]:
    """Give a database, its server, and a stack that stops the server when it is closed."""
    with a_home() as home, ExitStack() as running:
        server = Server(home)
        server.create()
        running.enter_context(server.running())
        await asyncio.to_thread(migrate, server.url())
        async with Database.open(server.url()) as database:
            yield database, server, running


@asynccontextmanager
async def the_turn_of(line: str, url: str) -> AsyncGenerator[None]:
    """Have the turn of a line for the length of a block, as another origin would."""
    engine = writing_engine(url, None)
    try:
        async with engine.begin() as connection:
            await connection.execute(TAKE_TURN, {"name": line})
            yield
    finally:
        await engine.dispose()


class TestMigrate:
    async def test_lets_every_key_be_ordered_by_code_point(self, tmp_path: Path) -> None:
        """In whatever locale: lists, cursors and locks are the same as on SQLite."""
        async with Database.open(a_database_url(tmp_path)) as database:
            found = await database.read(lambda c: c.execute(OTHER_ORDER).all())

        assert found == []

    async def test_takes_turns(self, tmp_path: Path) -> None:
        """Two who migrate an empty database at once both end well, with one epoch."""
        url = an_unmigrated_database_url(tmp_path)
        await asyncio.gather(*(asyncio.to_thread(migrate, url) for _ in range(3)))
        async with Database.open(url) as database:
            epoch = await database.read(read_epoch)

        assert epoch

    async def test_a_table_that_only_grows_cannot_be_emptied(self, tmp_path: Path) -> None:
        """TRUNCATE is neither an UPDATE nor a DELETE."""
        async with Database.open(a_database_url(tmp_path)) as database:
            with pytest.raises(DBAPIError, match="append-only"):
                await database.write(lambda c: c.execute(text("TRUNCATE audit")))


class TestRead:
    async def test_sees_one_moment(self, tmp_path: Path) -> None:
        """What is committed between two of its statements is not there for the second."""
        async with (
            Database.open(a_database_url(tmp_path)) as database,
            Database.open(a_database_url(tmp_path)) as other,
        ):
            isolation = await database.read(lambda c: c.scalar(text("SHOW transaction_isolation")))
            written = await other.write(lambda c: c.scalar(text("SHOW transaction_isolation")))

        assert (isolation, written) == ("repeatable read", "read committed")

    async def test_text_that_it_cannot_hold_is_bad_input(self, tmp_path: Path) -> None:
        """Not a failure of ours: who sent it can send something else."""

        def work(connection: Connection) -> None:
            connection.execute(select(environments).where(environments.c.key == "a\0b"))

        async with Database.open(a_database_url(tmp_path)) as database:
            with pytest.raises(BadInput, match=r"U\+0000"):
                await database.read(work)


class TestWrite:
    async def test_who_waits_in_a_line_keeps_no_connection(self, tmp_path: Path) -> None:
        """Only the first does, so that others find one, however many wait."""
        served: list[int] = []

        def noting(number: int) -> Callable[[Connection], None]:
            return lambda _: served.append(number)

        url = a_database_url(tmp_path)
        async with Database.open(url) as database, AsyncExitStack() as elsewhere:
            await elsewhere.enter_async_context(the_turn_of("shop", url))
            waiting = [
                asyncio.create_task(database.write(noting(n), "shop")) for n in range(2 * WRITERS)
            ]
            await database.write(lambda _: None, "blog")
            before = list(served)
            await elsewhere.aclose()
            await asyncio.gather(*waiting)

        assert before == []
        assert served == list(range(2 * WRITERS))


class TestLoss:
    """A connection that breaks, a server that is away."""

    async def test_broken_connections_are_replaced(self, tmp_path: Path) -> None:
        """Whoever asks next does not notice that the server has hung up."""
        url = a_database_url(tmp_path)
        async with Database.open(url) as database, Database.open(url) as other:
            before = await database.read(positions)
            await other.write(lambda c: c.execute(HANG_UP).all())

            assert await database.read(positions) == before

    async def test_in_the_middle_of_a_unit_of_work(self, tmp_path: Path) -> None:
        """It is not run again: nobody knows what became of it."""
        runs = 0

        def work(connection: Connection) -> None:
            nonlocal runs
            runs += 1
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        async with Database.open(a_database_url(tmp_path)) as database:
            with pytest.raises(SourceLost):
                await database.write(work)

        assert runs == 1

    async def test_a_server_that_is_away_ends_the_source_and_comes_back(self) -> None:
        """The pump knows one way in which a source ends, and tries again."""
        async with a_stoppable_database() as (database, server, running):
            source = ChangelogSource(database, MemoryBus(), Clock(), tick=0.001)
            async with aclosing(source.messages({})) as messages:
                await anext(messages)
                running.close()
                with pytest.raises(SourceLost):
                    async for _ in messages:
                        pass
            running.enter_context(server.running())
            state = await database.read(positions)

        assert state

    async def test_the_api_answers_503(self) -> None:
        """With the time after which to come again, and nothing of where the database is."""
        async with a_stoppable_database() as (database, server, running):
            app = Starlette(routes=api_routes(Origin(database, MemoryBus())))
            async with httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=app),
                base_url="http://origin",
                headers={"authorization": f"Bearer {format_key('admin', bytes(32))}"},
            ) as client:
                running.close()
                answer = await client.get("/api/v1/projects")

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert str(server.home) not in answer.text


class TestOpen:
    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("postgresql://flags:secret@127.0.0.1:1/pennon", "Connect call failed"),
            ("postgresql://flags:secret@/missing?host={home}", "does not exist"),
        ],
    )
    async def test_says_why_not_and_never_the_password(
        self, tmp_path: Path, address: str, reason: str
    ) -> None:
        """Also to who migrates."""
        home = a_database_url(tmp_path).partition("host=")[2]
        url = address.format(home=home)
        with pytest.raises(SourceLost, match=reason) as opening:
            async with Database.open(url):
                pass
        with pytest.raises(SourceLost, match=reason) as migrating:
            await asyncio.to_thread(migrate, url)

        assert "secret" not in f"{opening.value} {migrating.value}"

    async def test_an_address_that_cannot_be_read_is_not_repeated(self) -> None:
        """Half of a password with a slash in it would look like a port."""
        with pytest.raises(BadInput, match="percent-encoded") as caught:
            async with Database.open("postgresql://flags:se/cret@db/pennon"):
                pass

        assert "cret" not in str(caught.value)
