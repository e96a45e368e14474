"""A management API on a fresh database, to be talked to without a network."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import Connection, select
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from pennon.model.messages import Change, Snapshot
from pennon.origin.access.schemas import NewToken
from pennon.origin.access.tokens import create_token
from pennon.origin.api import api_routes
from pennon.origin.authors import PENNON
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.changelog import latest_changes, snapshot
from pennon.origin.db import Database
from pennon.origin.db.tables import metadata
from pennon.origin.services import Origin
from pennon.web.routing import http_exception
from tests.builders.databases import a_database_url
from tests.builders.origin import Clock

Json = dict[str, Any]

PRODUCTION = "/projects/shop/environments/production"
STAGING = "/projects/shop/environments/staging"


@dataclass
class Api:
    """A client with an admin token, and what it talks to."""

    client: httpx2.AsyncClient
    origin: Origin
    clock: Clock
    token: str = field(repr=False)

    async def get(self, path: str, *, status: int = 200, **query: Any) -> Json:
        """Return the answer to a read."""
        return await self.ask("GET", path, status=status, params=query or None)

    async def pages(self, path: str, limit: int) -> list[list[Json]]:
        """Return every page of a list, by following `next`."""
        pages = [await self.get(path, limit=limit)]
        while pages[-1]["next"] is not None:
            pages.append(await self.get(path, limit=limit, cursor=pages[-1]["next"]))
        return [page["items"] for page in pages]

    async def published(self, environment: str) -> Snapshot:
        """Return what the followers of an environment hold."""
        return await self.origin.read(partial(snapshot, environment=environment))

    async def last_change(self, environment: str) -> Change:
        """Return the newest change of an environment."""
        changes = await self.origin.read(partial(latest_changes, environment=environment, limit=1))
        return changes[0]

    async def post(self, path: str, body: Json, status: int = 201) -> Json:
        """Return the answer to a creation."""
        return await self.ask("POST", path, status=status, json=body)

    async def patch(self, path: str, body: Json, status: int = 200) -> Json:
        """Return the answer to a change."""
        return await self.ask("PATCH", path, status=status, json=body)

    async def ask(self, method: str, path: str, *, status: int, **more: Any) -> Json:
        """Return the body of an answer that must have *status*."""
        answer = await self.client.request(method, f"/api/v1{path}", **more)
        assert answer.status_code == status, answer.text
        body: Json = answer.json()
        return body

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table."""
        return await self.origin.read(_every_row)


@asynccontextmanager
async def an_api(folder: Path) -> AsyncGenerator[Api]:
    """An API without any project."""
    clock = Clock()
    async with Database.open(a_database_url(folder)) as database:
        origin = Origin(database, MemoryBus(), clock)
        new = NewToken(name="tests", role="admin", scope="*")
        token = (await origin.write(lambda tx: create_token(tx, new, PENNON))).secret
        app = Starlette(
            routes=api_routes(origin), exception_handlers={HTTPException: http_exception}
        )
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),
            base_url="http://origin",
            headers={"authorization": f"Bearer {token}"},
        ) as client:
            yield Api(client, origin, clock, token)


@asynccontextmanager
async def a_shop(folder: Path, *flags: Json) -> AsyncGenerator[Api]:
    """An API with the project `shop`, its environments `production` and `staging`, and *flags*."""
    async with an_api(folder) as api:
        await api.post("/projects", {"key": "shop"})
        for environment in ("production", "staging"):
            await api.post("/projects/shop/environments", {"key": environment})
        for flag in flags:
            await api.post("/projects/shop/flags", flag)
        yield api


def a_new_flag(key: str = "checkout", **fields: Any) -> Json:
    """Return the body that creates a boolean flag, unless *fields* say otherwise."""
    return {"key": key, "type": "boolean", **fields}


def a_string_flag(key: str = "engine", **fields: Any) -> Json:
    """Return the body that creates a string flag with the variations `a`, `b` and `c`."""
    variations = [{"name": name, "value": name.upper()} for name in "abc"]
    return {"key": key, "type": "string", "variations": variations, **fields}


def faults(problem: Json) -> list[str]:
    """Return the paths of a problem's faults."""
    return [fault["path"] for fault in problem["errors"]]


def _every_row(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr)
        for table in metadata.sorted_tables
    }
