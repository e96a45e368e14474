"""Fresh, migrated databases, of the kind that the running test is about."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pennon.origin.db import migrate
from tests.builders.postgres import Psql, Server


def a_database_url(folder: Path) -> str:
    """Return the address of the migrated database of *folder*, at first an empty one."""
    return _Chosen.kind.url(folder)


def an_unmigrated_database_url(folder: Path) -> str:
    """Return the address of a database without tables, for *folder*."""
    return _Chosen.kind.unmigrated_url(folder)


class Kind(ABC):
    """Makes databases of one kind."""

    @abstractmethod
    def url(self, folder: Path) -> str:
        """Return the address of the migrated database of *folder*."""

    @abstractmethod
    def unmigrated_url(self, folder: Path) -> str:
        """Return the address of a new database without tables."""

    @abstractmethod
    def drop(self) -> None:
        """Let go of all that was made; nobody uses it by now."""


class Sqlite(Kind):
    """Files in the folders, copied from one that is migrated once."""

    def url(self, folder: Path) -> str:
        path = folder / "pennon.db"
        if not path.exists():
            shutil.copy(_template()[1], path)
        return f"sqlite:///{path}"

    def unmigrated_url(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'unmigrated.db'}"

    def drop(self) -> None:
        """Nothing: they go with their folders."""


class Postgres(Kind):
    """Databases of one server, copied from one that is migrated once, each ahead of its use."""

    def __init__(self, server: Server, psql: Psql) -> None:
        self._server, self._psql = server, psql
        self._of_folder: dict[Path, str] = {}
        self._made: list[str] = []
        self._number = 0
        self._template = self._make()
        psql.wait()
        migrate(server.url(self._template))
        self._next = self._make(f"TEMPLATE {self._template} STRATEGY file_copy")

    def url(self, folder: Path) -> str:
        if folder not in self._of_folder:
            self._psql.wait()
            self._of_folder[folder] = self._next
            self._made.append(self._next)
            self._next = self._make(f"TEMPLATE {self._template} STRATEGY file_copy")
        return self._server.url(self._of_folder[folder])

    def unmigrated_url(self, folder: Path) -> str:
        self._made.append(self._make())
        self._psql.wait()
        return self._server.url(self._made[-1])

    def drop(self) -> None:
        for name in self._made:
            self._psql.send(f"DROP DATABASE {name} WITH (FORCE)")
        self._made.clear()
        self._of_folder.clear()

    def _make(self, how: str = "") -> str:
        self._number += 1
        name = f"test_{self._number}"
        self._psql.send(f"CREATE DATABASE {name} {how}")
        return name


SQLITE: Final = Sqlite()


@contextmanager
def databases_of(kind: Kind) -> Iterator[None]:
    """Let the builders make databases of *kind* for the length of a block."""
    _Chosen.kind = kind
    try:
        yield
    finally:
        _Chosen.kind = SQLITE
        kind.drop()


class _Chosen:
    kind: Kind = SQLITE


@cache
def _template() -> tuple[TemporaryDirectory[str], Path]:
    folder = TemporaryDirectory(ignore_cleanup_errors=True)
    path = Path(folder.name) / "template.db"
    migrate(f"sqlite:///{path}")
    return folder, path
