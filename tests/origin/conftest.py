"""Every test of the origin that keeps something runs on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pennon.origin.database_address import Backend
from tests.builders.databases import SQLITE, Postgres, databases_of
from tests.builders.postgres import MISSING, a_server, binaries


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once what was left out."""
    if binaries() is None:
        terminalreporter.write_line(MISSING)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL for all tests."""
    with a_server() as server, server.psql() as psql:
        yield Postgres(server, psql)


@pytest.fixture(params=["sqlite", "postgresql"] if binaries() else ["sqlite"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Give the kind of database that the builders make in this test."""
    kind = SQLITE if request.param == "sqlite" else request.getfixturevalue("postgres")
    with databases_of(kind):
        yield request.param


@pytest.fixture
def tmp_path(tmp_path: Path, backend: Backend) -> Path:
    """Give a folder; who asks for one keeps a database in it."""
    return tmp_path
