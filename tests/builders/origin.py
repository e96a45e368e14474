"""What origin tests are made of: a fresh database, a clock that tests move, changes to commit."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, insert

from pennon.model.flag import Flag, Serve, Variation
from pennon.origin.bus import Bus
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import Changelog, Transaction
from pennon.origin.db import Database
from pennon.origin.db.tables import environments
from tests.builders.databases import a_database_url

NOON = 1_795_348_800_000
"""A moment to start clocks at."""


class Clock:
    """A clock in epoch milliseconds that stands still until a test moves it."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@asynccontextmanager
async def a_changelog(
    folder: Path, *names: str, bus: Bus | None = None, clock: Clock | None = None
) -> AsyncGenerator[tuple[Database, Changelog]]:
    """Open a database in *folder* that has the environments *names*, and its changelog."""
    async with Database.open(a_database_url(folder)) as database:
        for name in names:
            await database.write(partial(add_environment, name=name))
        yield database, Changelog(database, bus or MemoryBus(), clock or Clock())


def add_environment(connection: Connection, name: str) -> None:
    """Add an environment's row alone, without a project."""
    connection.execute(
        insert(environments).values(environment=name, created_at=NOON, updated_at=NOON)
    )


def a_flag(key: str = "checkout", *, enabled: bool = True, salt: str = "salt") -> Flag:
    """Return a boolean flag."""
    return Flag(
        key=key,
        type="boolean",
        enabled=enabled,
        variations=(Variation(name="off", value=False), Variation(name="on", value=True)),
        off="off",
        default=Serve(variation="on"),
        salt=salt,
    )


async def publish(changelog: Changelog, environment: str, *flags: Flag) -> list[int]:
    """Publish *flags* in one transaction and return their versions."""

    def work(transaction: Transaction) -> list[int]:
        transaction.lock([environment])
        return [transaction.publish(environment, "flag", flag.key, flag) for flag in flags]

    return await changelog.commit(work)


async def withdraw(changelog: Changelog, environment: str, *keys: str) -> list[int | None]:
    """Delete flags in one transaction and return the versions that it took."""

    def work(transaction: Transaction) -> list[int | None]:
        transaction.lock([environment])
        return [transaction.withdraw(environment, "flag", key) for key in keys]

    return await changelog.commit(work)
