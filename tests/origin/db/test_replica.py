"""A streaming replica: read while it follows, and what becomes of the epoch when it is promoted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, aclosing, contextmanager
from dataclasses import dataclass
from functools import partial

import httpx2
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from pennon.errors import ReadOnly, SourceLost
from pennon.kv.nats_address import NatsAddress, servers_of
from pennon.model.messages import Change, Contact, Message, Snapshot
from pennon.model.position import Position
from pennon.origin.access.schemas import NewToken
from pennon.origin.access.tokens import create_token
from pennon.origin.api import api_routes
from pennon.origin.app import OriginNode
from pennon.origin.audit.stored import verify_guards, verify_stored
from pennon.origin.authors import PENNON
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.bus.nats import NatsBus
from pennon.origin.bus.repeated import RepeatedBus
from pennon.origin.changelog import Changelog, positions, snapshot
from pennon.origin.changelog_source import ChangelogSource
from pennon.origin.db import Database, migrate
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.services import Origin
from pennon.origin.settings import OriginSettings
from tests.builders.nats import a_nats
from tests.builders.origin import Clock, a_flag, add_environment, publish
from tests.builders.postgres import MISSING, Server, a_home, binaries

if binaries() is None:
    pytest.skip(MISSING, allow_module_level=True)

SHOP = "shop/production"


@dataclass
class Pair:
    """The addresses of a primary that has an environment with one flag, and of its replica."""

    primary: str
    replica: str
    either: str
    stop_primary: Callable[[], None]


@contextmanager
def two_servers() -> Iterator[Pair]:
    with a_home() as home, a_home() as other, ExitStack() as running, ExitStack() as first_running:
        primary, replica = Server(home), Server(other)
        primary.create()
        first_running.enter_context(primary.running())
        migrate(primary.url())
        asyncio.run(prepare(primary.url()))
        replica.follow(primary)
        running.enter_context(replica.running())
        either = f"{primary.url()},{other}&target_session_attrs=read-write"
        yield Pair(primary.url(), replica.url(), either, first_running.close)


async def prepare(url: str) -> None:
    async with Database.open(url) as database:
        await database.write(partial(add_environment, name=SHOP))
        await change(database, "a")


@pytest.fixture(scope="module")
def shared() -> Iterator[Pair]:
    """Give the servers of those who leave the replica a replica."""
    with two_servers() as pair:
        yield pair


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Give servers of a test's own."""
    with two_servers() as pair:
        yield pair


async def change(database: Database, flag: str) -> Position:
    """Publish *flag* and return where that leads."""
    await publish(Changelog(database, MemoryBus(), Clock()), SHOP, a_flag(flag))
    return await position_of(database)


async def position_of(database: Database) -> Position:
    return (await database.read(positions))[SHOP].position


async def promote(url: str) -> Position:
    """Make a replica a primary and return where it stood."""
    async with Database.open(url, read_only=True) as database:
        await database.read(lambda c: c.execute(text("SELECT pg_promote()")))
        return await position_of(database)


async def until_at(database: Database, position: Position) -> None:
    """Return once a replica has replayed as far as *position*."""
    async with asyncio.timeout(10):
        while await position_of(database) < position:
            pass  # each look is a round trip


async def first(messages: AsyncGenerator[Message, None], wanted: type[Message]) -> Message:
    """Return the first message of a type."""
    async with asyncio.timeout(10):
        async for message in messages:
            if isinstance(message, wanted):
                return message
    raise AssertionError("The source ended.")


class TestReadOnly:
    async def test_verifies_its_audit_log(self, shared: Pair) -> None:
        """Its chains and what guards them: nothing is written for that."""
        async with Database.open(shared.replica, read_only=True) as replica:
            verdict = await replica.read(partial(verify_stored, chain=INSTALLATION_CHAIN))
            unguarded = await replica.read(verify_guards)

        assert (verdict.finding, unguarded) == (None, ())

    async def test_feeds_streams(self, shared: Pair) -> None:
        """What is committed at the primary is told at the replica, by a tick alone."""
        async with (
            Database.open(shared.primary) as primary,
            Database.open(shared.replica, read_only=True) as replica,
        ):
            source = ChangelogSource(replica, MemoryBus(), Clock(), tick=0.01)
            await until_at(replica, await position_of(primary))
            async with aclosing(source.messages({SHOP: None})) as messages:
                whole = await first(messages, Snapshot)
                await first(messages, Contact)
                there = await change(primary, "b")
                told = await first(messages, Change)

        assert isinstance(whole, Snapshot)
        assert isinstance(told, Change)
        assert told.position == there
        assert whole.position.version == there.version - 1

    async def test_is_woken_by_nats(self, shared: Pair) -> None:
        """A wake-up that is faster than the replica is followed by others until it is there."""
        with a_nats() as nats:
            address = NatsAddress(servers=servers_of(nats.url) or ())
            async with (
                Database.open(shared.primary) as primary,
                Database.open(shared.replica, read_only=True) as replica,
                NatsBus(address) as here,
                NatsBus(address) as there,
            ):
                async with asyncio.timeout(10):
                    await here.connection.until_made()
                    await there.connection.until_made()
                await until_at(replica, await position_of(primary))
                bus = RepeatedBus(there, pauses=(0.01,) * 1000)
                source = ChangelogSource(replica, bus, Clock(), tick=3600.0)
                async with aclosing(source.messages({SHOP: None})) as messages:
                    await first(messages, Contact)
                    await publish(Changelog(primary, here, Clock()), SHOP, a_flag("nats"))
                    told = await first(messages, Change)

        assert isinstance(told, Change)
        assert told.key == "nats"

    async def test_answers_reads_and_sends_changes_elsewhere(self, shared: Pair) -> None:
        """A token of the primary's is good for reading; a change is a 409 that says where to go."""
        new = NewToken(name="tests", role="admin", scope="*")
        async with (
            Database.open(shared.primary) as primary,
            Database.open(shared.replica, read_only=True) as replica,
        ):
            origin = Origin(primary, MemoryBus())
            secret = (await origin.write(lambda tx: create_token(tx, new, PENNON))).secret
            await until_at(replica, await change(primary, "c"))
            app = Starlette(routes=api_routes(Origin(replica, MemoryBus())))
            async with httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=app),
                base_url="http://origin/api/v1",
                headers={"authorization": f"Bearer {secret}"},
            ) as client:
                read = await client.get("/projects")
                refused = await client.post("/projects", json={"key": "blog"})

        assert read.status_code == 200
        assert refused.status_code == 409
        assert refused.json()["type"] == "urn:pennon:problem:read-only"
        assert "primary" in refused.json()["detail"]

    async def test_runs_as_a_node_without_upkeep(self, shared: Pair) -> None:
        """It follows and becomes ready, and leaves what is to be written to the primary."""
        async with Database.open(shared.replica, read_only=True) as replica:
            node = OriginNode(Origin(replica, MemoryBus()), OriginSettings())
            async with node.running(), asyncio.timeout(10):
                await node.follower.until_ready()
            with pytest.raises(ReadOnly):
                await replica.write(partial(add_environment, name="shop/staging"))

    async def test_is_what_a_replica_must_be_opened_as(self, shared: Pair) -> None:
        """Else the first change would fail, long after the start; a migration says so too."""
        with pytest.raises(SourceLost, match="--read-only"):
            async with Database.open(shared.replica):
                pass
        with pytest.raises(SourceLost, match="Name the primary"):
            await asyncio.to_thread(migrate, shared.replica)


class TestPromotion:
    async def test_begins_a_newer_epoch(self, pair: Pair) -> None:
        """What the old primary gave out and the replica never had is told apart from then on."""
        old = await promote(pair.replica)
        async with Database.open(pair.primary) as primary:
            lost = await change(primary, "lost")
        async with Database.open(pair.replica) as promoted:
            new = await change(promoted, "kept")
            held = await promoted.read(partial(snapshot, environment=SHOP))
        async with Database.open(pair.replica) as again:
            later = await position_of(again)

        assert (old.version, lost.version, new.version) == (1, 2, 2)
        assert lost.epoch == old.epoch
        assert new > lost
        assert later == new
        assert {key for _, key in held.items} == {"a", "kept"}

    async def test_is_noticed_by_an_origin_that_kept_running(self, pair: Pair) -> None:
        """Where one address leads to both, the first change after a fail-over is of the new."""
        async with Database.open(pair.either) as database:
            old = await position_of(database)
            pair.stop_primary()
            await promote(pair.replica)
            new = await change(database, "b")

        assert (old.version, new.version) == (1, 2)
        assert new.epoch > old.epoch
