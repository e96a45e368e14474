"""Databases to drill on: of each kind, migrated, on the disk of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pennon.origin.database_address import Backend
from pennon.origin.db import migrate
from tests.builders.postgres import a_server, binaries

DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""What the tests' servers leave out for speed, and nobody else would."""


def backends() -> list[Backend]:
    """Return the kinds of database that there are on this machine."""
    return ["sqlite"] if binaries() is None else ["sqlite", "postgresql"]


@contextmanager
def a_place(backend: Backend) -> Iterator[tuple[Path, str]]:
    """Give a folder and the address of a migrated database, for the length of a block."""
    with TemporaryDirectory(prefix="pennon-drill-") as name:
        folder = Path(name)
        if backend == "sqlite":
            url = f"sqlite:///{folder / 'pennon.db'}"
            migrate(url)
            yield folder, url
            return
        with a_server(on_disk=True, **DURABLE) as server:
            migrate(server.url())
            yield folder, server.url()
