"""The buses of several origins: each against the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from pennon.errors import BadInput
from pennon.kv.nats_address import NatsAddress, servers_of
from pennon.model.messages import Change
from pennon.origin.bus import Bus, Wakeups
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.bus.nats import NatsBus
from pennon.origin.bus.opening import open_bus
from pennon.origin.bus.postgres import PostgresBus
from pennon.origin.bus.repeated import RepeatedBus
from pennon.origin.changelog import Changelog
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.database_address import Backend
from pennon.origin.db import Database
from pennon.origin.settings import OriginSettings, StandaloneSettings
from tests.builders.databases import Postgres, a_database_url, databases_of
from tests.builders.nats import a_nats
from tests.builders.origin import Clock, a_flag, add_environment, publish
from tests.builders.postgres import MISSING, Server, a_home, binaries

if binaries() is None:
    pytest.skip(MISSING, allow_module_level=True)

SHOP = "shop/production"
LATER = 3600.0


class Running(Protocol):
    """A server that a test ends and starts again."""

    def stop(self) -> None: ...

    def start(self) -> None: ...


@dataclass
class Shared:
    """A server, and what makes another origin's bus on it."""

    server: Running
    bus: Callable[[], AbstractAsyncContextManager[Bus]]


class RunningPostgres:
    def __init__(self, server: Server) -> None:
        self._server = server
        self._running = server.running()
        self._running.__enter__()

    def stop(self) -> None:
        self._running.__exit__(None, None, None)

    def start(self) -> None:
        self._running = self._server.running()
        self._running.__enter__()


@pytest.fixture(params=["postgres", "nats"])
def shared(request: pytest.FixtureRequest) -> Iterator[Shared]:
    """Give each kind of bus that origins share."""
    if request.param == "nats":
        with a_nats() as nats:
            address = NatsAddress(servers=servers_of(nats.url) or ())

            class RunningNats:
                stop, start = nats.kill, nats.start

            yield Shared(RunningNats, lambda: connected(NatsBus(address)))
        return
    with a_home() as home:
        server = Server(home)
        server.create()
        running = RunningPostgres(server)
        try:
            yield Shared(running, lambda: connected(PostgresBus(server.url())))
        finally:
            running.stop()


@asynccontextmanager
async def connected(bus: NatsBus | PostgresBus) -> AsyncIterator[Bus]:
    """Give a bus that has found its server."""
    async with bus:
        async with asyncio.timeout(10):
            if isinstance(bus, NatsBus):
                await bus.connection.until_made()
            else:
                await bus.listening.wait()
        yield bus


async def settled(wakeups: Wakeups) -> None:
    """Take what the start brought."""
    while await wakeups.wait(0.05):
        pass


class TestShared:
    async def test_wakes_the_others(self, shared: Shared) -> None:
        """What one origin notifies wakes the listeners of all, its own at once."""
        async with shared.bus() as one, shared.bus() as two:
            with one.subscribe() as here, two.subscribe() as there:
                await settled(here)
                await settled(there)
                await one.notify([SHOP])

                assert await here.wait(0)
                assert await there.wait(10)

    async def test_pieces_reach_the_others_in_order(self, shared: Shared) -> None:
        """What one origin shares is heard by every other, and not by itself."""
        async with shared.bus() as one, shared.bus() as two:
            here: list[bytes] = []
            there: asyncio.Queue[bytes] = asyncio.Queue()
            one.hear(here.append)
            two.hear(there.put_nowait)
            long = "é" * 3000
            sent = [f'{{"number": {n}, "said": "{long}"}}'.encode() for n in range(20)]
            for piece in sent:
                one.share(piece)
            async with asyncio.timeout(10):
                heard = [await there.get() for _ in sent]

            assert heard == sent
            assert here == []

    async def test_many_at_once(self, shared: Shared) -> None:
        """A burst does not queue up: who is behind is woken for all of it."""
        async with shared.bus() as one, shared.bus() as two:
            with two.subscribe() as there:
                await settled(there)
                for _ in range(1000):
                    await one.notify([SHOP])

                assert await there.wait(10)
                await settled(there)

    async def test_outage(self, shared: Shared) -> None:
        """While the server is away nobody waits; when it is back all look, and go on."""
        async with shared.bus() as one, shared.bus() as two:
            with one.subscribe() as here, two.subscribe() as there:
                await settled(there)
                await asyncio.to_thread(shared.server.stop)
                await settled(here)
                await one.notify([SHOP])
                alone = await here.wait(0), await there.wait(0.1)
                await asyncio.to_thread(shared.server.start)
                back = await there.wait(20)
                async with asyncio.timeout(20):
                    while True:
                        await settled(there)
                        await one.notify([SHOP])
                        if await there.wait(1):
                            break

        assert alone == (True, False)
        assert back


@pytest.fixture
def shared_url(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a PostgreSQL database, which alone several origins can share."""
    with databases_of(postgres):
        yield postgres.url(tmp_path_factory.mktemp("shared"))


class TestSource:
    async def test_another_origins_change(self, shared_url: str) -> None:
        """A change at one origin is told by another's source at once, without a tick."""
        async with (
            Database.open(shared_url) as one,
            Database.open(shared_url) as two,
            connected(PostgresBus(shared_url)) as here,
            connected(PostgresBus(shared_url)) as there,
        ):
            await one.write(partial(add_environment, name=SHOP))
            source = ChangelogSource(two, there, Clock(), tick=LATER)
            async with aclosing(source.messages({SHOP: None})) as messages:
                await anext(messages)
                await publish(Changelog(one, here, Clock()), SHOP, a_flag("a"))
                async with asyncio.timeout(20):
                    async for message in messages:
                        if isinstance(message, Change):
                            break

        assert isinstance(message, Change)
        assert message.key == "a"

    async def test_bus_killed(self, tmp_path: Path, shared: Shared) -> None:
        """With the bus dead a change still comes, by the tick."""
        url = a_database_url(tmp_path)
        async with Database.open(url) as one, Database.open(url) as two, shared.bus() as bus:
            await one.write(partial(add_environment, name=SHOP))
            source = ChangelogSource(two, bus, Clock(), tick=0.01)
            async with aclosing(source.messages({SHOP: None})) as messages:
                await anext(messages)
                await asyncio.to_thread(shared.server.stop)
                await publish(Changelog(one, MemoryBus(), Clock()), SHOP, a_flag("a"))
                async with asyncio.timeout(20):
                    async for message in messages:
                        if isinstance(message, Change):
                            break
                await asyncio.to_thread(shared.server.start)

        assert isinstance(message, Change)


class TestOpening:
    async def test_by_the_database(self, tmp_path: Path, backend: Backend) -> None:
        """Origins on one PostgreSQL share its bus unasked; a file and a replica have none."""
        url = a_database_url(tmp_path)
        settings = OriginSettings(database=url)
        async with Database.open(url) as database, open_bus(settings, database) as bus:
            kind = type(bus)
            database.read_only = True
            async with open_bus(settings, database) as replicas:
                replica_kind = type(replicas)

        assert kind is (MemoryBus if backend == "sqlite" else PostgresBus)
        assert replica_kind is MemoryBus

    async def test_nats_never_waits(self, tmp_path: Path) -> None:
        """A NATS that is not there keeps no origin from starting; a replica's repeats."""
        url = a_database_url(tmp_path)
        settings = OriginSettings(database=url, bus="nats://127.0.0.1:1")
        async with Database.open(url) as database, open_bus(settings, database) as bus:
            await bus.notify([SHOP])
            kind = type(bus)
            database.read_only = True
            async with open_bus(settings, database) as replicas:
                replica_kind = type(replicas)

        assert kind is NatsBus
        assert replica_kind is RepeatedBus


class TestSettings:
    @pytest.mark.parametrize(
        ("fields", "option"),
        [
            ({"bus": "kafka://host"}, "--bus"),
            ({"bus": "nats://"}, "--bus"),
            ({"bus": "postgres"}, "--bus"),
            ({"bus": "postgres", "database": "postgresql://h/p", "read_only": True}, "--bus"),
            ({"tick_seconds": 0.0}, "--tick-seconds"),
        ],
    )
    def test_faults(self, fields: dict[str, str], option: str) -> None:
        """A bus that cannot be is told by its option."""
        with pytest.raises(BadInput) as caught:
            StandaloneSettings(**fields)  # type: ignore[arg-type]

        assert [fault.path for fault in caught.value.faults] == [option]
