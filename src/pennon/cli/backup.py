"""`pennon backup` and `pennon restore`: the database kept elsewhere, and brought back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from msgspec import Struct

from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.errors import BadInput
from pennon.origin.database_address import SQLITE
from pennon.origin.settings import DatabaseSettings

Where = Annotated[DatabaseSettings | None, Parameter(name="*")]

# What does the work is imported by the command that needs it: the others need not wait.


class BackedUp(Struct, frozen=True):
    """What `pennon backup --json` prints; *size* is in bytes."""

    file: str
    size: int


class Restored(Struct, frozen=True):
    """What `pennon restore --json` prints; *replaced* is where the database before is kept."""

    database: str
    epoch: str
    replaced: str | None = None


def register(app: App) -> None:
    """Add the commands to *app*."""
    app.command(backup, sort_key=4, help_epilogue="Example:\n\n  pennon backup monday.db")
    app.command(
        restore,
        sort_key=4,
        help_epilogue="Example:\n\n  pennon restore monday.db --comment 'The disk had died'",
    )


def backup(file: Path, /, *, force: bool = False, where: Where = None, json: Json = False) -> None:
    """
    Copy an SQLite database to a file, while its origin runs.

    The copy is whole and checked, or there is none. It holds no key: the data folder's keys.json
    and audit-key.pem are yours to keep.

    Parameters
    ----------
    file
        The file to write.
    force
        Replace a file that is there.
    """
    from pennon.origin.db.copies import copy_to

    source = _place(where or DatabaseSettings(), "PostgreSQL has pg_dump and pg_basebackup")
    if not source.is_file():
        raise CommandFailed(f"There is no database at {source}.")
    if file.exists() and file.samefile(source):
        raise CommandFailed(f"{file} is the database itself. Name another.")
    if file.is_dir() or (file.exists() and not force):
        raise CommandFailed(f"{file} is there already.\nName another, or say --force.")
    copy_to(source, file)
    done = BackedUp(str(file), file.stat().st_size)
    if json:
        print_json(done)
    else:
        print_text(f"{file} holds {source} as it is now ({done.size:,} bytes).")


def restore(
    file: Path | None = None,
    /,
    *,
    allow_shrink: bool = False,
    comment: str | None = None,
    where: Where = None,
    json: Json = False,
) -> None:
    """
    Put a backup in the place of the database, and begin a new epoch.

    Stop the origin first. What was there is kept beside it. Every edge fetches all its
    environments once, and serves what it has until then. Without a file only the epoch begins:
    for a database that was brought back by other means, such as PostgreSQL's own.

    Parameters
    ----------
    file
        What pennon backup wrote; also one of an older Pennon.
    allow_shrink
        Let edges take environments that have lost more than half of their flags by this.
    comment
        Why, for the audit log.
    """
    done = asyncio.run(_restore(where or DatabaseSettings(), file, allow_shrink, comment))
    if json:
        print_json(done)
        return
    print_text(f"{done.database} has begun epoch {done.epoch}.")
    if done.replaced:
        print_text(f"What was there is kept in {done.replaced}.")
    print_text("Every edge fetches all its environments once, when the origin serves again.")


async def _restore(
    settings: DatabaseSettings, file: Path | None, allow_shrink: bool, comment: str | None
) -> Restored:
    from pennon.origin import restoring
    from pennon.origin.authors import operator

    author = operator(comment)
    if file is None:
        if settings.database_url.startswith(SQLITE):
            _require_file(_place(settings))
        epoch = await restoring.begin_anew(settings.database_url, author, allow_shrink=allow_shrink)
        return Restored(settings.database_shown, epoch)
    place = _place(settings, "bring it back with its own tools, then say pennon restore alone")
    _require_file(file)
    epoch, kept = await restoring.put_back(file, place, author, allow_shrink=allow_shrink)
    return Restored(settings.database_shown, epoch, str(kept) if kept else None)


def _place(settings: DatabaseSettings, instead: str = "") -> Path:
    """Return the path of an SQLite database. Raises BadInput for another kind."""
    if not settings.database_url.startswith(SQLITE):
        raise BadInput.at("--database", f"expected {SQLITE}PATH: {instead}")
    return Path(settings.database_url.removeprefix(SQLITE))


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise CommandFailed(f"There is no file {path}.")
