"""What the benchmark of the origin loads is what the services would have written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, select

from benchmarks.origin.events import Template
from benchmarks.origin.growth import Growth
from benchmarks.origin.template import create_project
from pennon.origin.db.tables import (
    audit,
    changelog,
    flag_tags,
    flags,
    history,
    items,
    targetings,
)
from tests.builders.api import Api, an_api
from tests.builders.databases import SQLITE, Postgres, databases_of
from tests.builders.postgres import a_server
from tests.drills.agreement import disagreements
from tests.drills.places import backends

FLAGS, CHANGES = 3, 2
TABLES: Final = {
    flags: "project",
    flag_tags: "project",
    targetings: "project",
    items: "environment",
    changelog: "environment",
    history: "environment",
    audit: "chain",
}
OF_THE_MOMENT: Final = frozenset(
    {"at", "committed_at", "created_at", "updated_at", "changed_at", "salt", "hash", "previous"}
)


def seen(connection: Connection, project: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a project, but for its name and for times, salts and hashes."""
    return {
        table.name: [
            {
                name: _seen(value, project)
                for name, value in row._mapping.items()
                if name not in OF_THE_MOMENT
            }
            for row in connection.execute(
                select(table)
                .where(table.c[column].like(f"{project}%"))
                .order_by(*table.primary_key.columns)
            )
        ]
        for table, column in TABLES.items()
    }


def _seen(value: object, project: str) -> object:
    if isinstance(value, str):
        return value.replace(project, "*")
    if isinstance(value, bytes):
        text = value.decode().replace(project, "*")
        return re.sub(r'"(salt|committedAt|\$access)":("\w+"|\d+)', r'"\1":', text)
    return value


async def grow(api: Api, project: str, *suffixes: str) -> None:
    """Have *project* grow by copies of the flags of `made`."""
    template = await api.origin.read(partial(Template.read, project="made"))
    await api.origin.database.write(lambda c: Growth(c, template, project).add(suffixes))


@pytest.fixture(params=backends())
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Give a folder for a database of each kind."""
    if request.param == "sqlite":
        with databases_of(SQLITE):
            yield tmp_path
    else:
        with a_server() as server, server.psql() as psql, databases_of(Postgres(server, psql)):
            yield tmp_path


class TestGrowth:
    async def test_writes_what_the_services_write(self, folder: Path) -> None:
        """Row by row the same, but for what differs whenever one does a thing twice."""
        async with an_api(folder) as api:
            await create_project(api.client, "made", FLAGS, CHANGES)
            await create_project(api.client, "again", FLAGS, CHANGES, "-1")
            await create_project(api.client, "grown")
            await grow(api, "grown", "-1")
            again = await api.origin.read(partial(seen, project="again"))
            grown = await api.origin.read(partial(seen, project="grown"))

        assert grown == again

    async def test_leaves_nothing_that_does_not_agree(self, folder: Path) -> None:
        """Versions, digests, hashes; also once the services have gone on from there."""
        async with an_api(folder) as api:
            await create_project(api.client, "made", FLAGS, CHANGES)
            await grow(api, "made", "-1", "-2")
            await grow(api, "made", "-3")
            path = "/projects/made/environments/production/flags/checkout-000-3"
            await api.patch(path, {"track": "all"})
            wrong = await api.origin.read(disagreements)

        assert wrong == []
