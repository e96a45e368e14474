"""The audit log as the database has it: opened for `pennon audit`, with no origin in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from pennon.cli.errors import CommandFailed
from pennon.origin.db import Database
from pennon.origin.settings import DatabaseSettings

T = TypeVar("T")


def with_database(settings: DatabaseSettings, work: Callable[[Database], Awaitable[T]]) -> T:
    """
    Return what *work* reads of the open database, which may be a replica.

    Raises CommandFailed where there is none.
    """

    async def run() -> T:
        async with Database.open(settings.database_url, read_only=True) as database:
            return await work(database)

    _require_file(settings.database_url)
    try:
        return asyncio.run(run())
    except OperationalError as error:
        raise CommandFailed(f"The database cannot be read: {error.orig}.") from None


def _require_file(address: str) -> None:
    """Raise CommandFailed for an SQLite file that is missing: opening it would make one."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise CommandFailed(
            f"There is no database at {url.database}.\n"
            "Name another with --data or --database, as pennon origin was given it."
        )
