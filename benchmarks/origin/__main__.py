"""
Print how long an origin that holds a great deal takes to list, search, look back and change.

    python -m benchmarks.origin [--quick]

On PostgreSQL: 1,000 projects with 100,000 flags and a million audit records, of which one project
has a tenth of each. On SQLite a tenth of it. Times are those of whole requests, without a socket.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx2
from sqlalchemy import Connection, func, select, text
from starlette.applications import Starlette

from benchmarks.origin.events import Template
from benchmarks.origin.growth import Growth
from benchmarks.origin.requests import Asked, changes, reads
from benchmarks.origin.template import create_project
from pennon.origin.access.schemas import NewToken
from pennon.origin.access.tokens import create_token
from pennon.origin.api import api_routes
from pennon.origin.authors import PENNON
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.database_address import Backend
from pennon.origin.db import Database
from pennon.origin.db.tables import audit, flags, projects
from pennon.origin.services import Origin
from tests.drills.places import a_place, backends

SMALL: Final = "small"
LARGE: Final = "large"
_STEP: Final = 50


@dataclass(frozen=True)
class Size:
    """
    How much there is of everything.

    A project of *flags*, each changed *changes* times, becomes *small* times as large, and there
    are *beside* projects more like it; another becomes *large* times as large.
    """

    flags: int
    changes: int
    small: int
    large: int
    beside: int
    rounds: int


SIZES: Final[dict[Backend, Size]] = {
    "postgresql": Size(flags=10, changes=9, small=10, large=1000, beside=998, rounds=40),
    "sqlite": Size(flags=10, changes=9, small=10, large=100, beside=98, rounds=40),
}
QUICK: Final = Size(flags=3, changes=2, small=2, large=4, beside=3, rounds=2)


def main(arguments: list[str] | None = None) -> None:
    """Measure on every database that there is on this machine."""
    parser = argparse.ArgumentParser(prog="benchmarks.origin", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke run: the figures mean little")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="measure on this one")
    options = parser.parse_args(arguments)
    for backend in [options.only] if options.only else backends():
        with a_place(backend) as (_, url):
            asyncio.run(_measure(backend, url, QUICK if options.quick else SIZES[backend]))


async def _measure(backend: Backend, url: str, size: Size) -> None:
    async with Database.open(url) as database, _client(database) as client:
        started = time.monotonic()
        for project in (SMALL, LARGE):
            await create_project(client, project, size.flags, size.changes)
        await _multiply(database, client, size)
        held = await database.read(_counts)
        print(f"{backend}: {held}, in {time.monotonic() - started:.0f} s")
        print(f"{'milliseconds':46}{'p50':>9}{'p95':>9}{'max':>9}")
        for project in (SMALL, LARGE):
            for asked in reads(project):
                await _report(client, project, asked, size.rounds)
        for project in (SMALL, LARGE):
            for asked in changes(project):
                await _report(client, project, asked, size.rounds)


async def _report(client: httpx2.AsyncClient, project: str, asked: Asked, rounds: int) -> None:
    taken = []
    for number in range(rounds):
        request = asked.make(number)
        started = time.perf_counter()
        answer = await client.request(request.method, request.path, json=request.body)
        taken.append((time.perf_counter() - started) * 1000)
        answer.raise_for_status()
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    name = f"{project}: {asked.name}"
    print(f"{name:46}{cuts[9]:9.1f}{cuts[18]:9.1f}{max(taken):9.1f}", flush=True)


async def _multiply(database: Database, client: httpx2.AsyncClient, size: Size) -> None:
    """Have what the services have made grow; in steps, since a statement may not take for ever."""
    template = await database.read(partial(Template.read, project=SMALL))
    for number in range(1, size.beside + 1):
        await create_project(client, f"{SMALL}-{number}")
        await database.write(partial(_grow, template, f"{SMALL}-{number}", range(size.small)))
    for project, times in ((SMALL, size.small), (LARGE, size.large)):
        for first in range(1, times, _STEP):
            copies = range(first, min(first + _STEP, times))
            await database.write(partial(_grow, template, project, copies))
    await database.write(_analyse)


def _grow(template: Template, project: str, copies: range, connection: Connection) -> None:
    Growth(connection, template, project).add(f"-{number}" for number in copies)


def _analyse(connection: Connection) -> None:
    """Let the planner know what there is, as autovacuum does before long."""
    connection.execute(text("ANALYZE"))


def _counts(connection: Connection) -> str:
    counted = [
        f"{connection.scalar(select(func.count()).select_from(table)):,} {name}"
        for table, name in ((projects, "projects"), (flags, "flags"), (audit, "audit records"))
    ]
    return ", ".join(counted)


@asynccontextmanager
async def _client(database: Database) -> AsyncGenerator[httpx2.AsyncClient]:
    origin = Origin(database, MemoryBus())
    new = NewToken(name="benchmark", role="admin", scope="*")
    token = (await origin.write(lambda tx: create_token(tx, new, PENNON))).secret
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=Starlette(routes=api_routes(origin))),
        base_url="http://origin",
        headers={"authorization": f"Bearer {token}"},
        timeout=60.0,
    ) as client:
        yield client


if __name__ == "__main__":
    main()
