"""The commands that serve: `up`, `origin`, `connector`, `edge`; and `migrate` before them."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import App, Parameter
from rich.text import Text

from pennon.cli.announce import (
    announcement_text,
    connector_text,
    edge_text,
    origin_text,
)
from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.connector.settings import ConnectorSettings
from pennon.edge.settings import EdgeSettings
from pennon.origin.settings import DatabaseSettings, EmbeddedSettings, StandaloneSettings

Ready = TypeVar("Ready")

# What serves is imported by the command that starts it: `pennon flag` need not wait for it.

_KEY_ADVICE = "\n\nGive the relay key as PENNON_KEY, where no list of processes shows it."

_FLAT = Parameter(name="*")
"""Makes each field of a settings class an option."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    app.command(up, sort_key=1, help_epilogue=_example("up --port 9000 --data ./flags"))
    app.command(origin, sort_key=2, help_epilogue=_example("origin --data /srv/flags"))
    app.command(
        connector,
        sort_key=3,
        help_epilogue=_example("connector --parent https://flags.example.com --pop hub --region eu")
        + _KEY_ADVICE,
    )
    app.command(
        edge,
        sort_key=3,
        help_epilogue=_example("edge --parent https://flags.example.com --pop ams --region eu")
        + _KEY_ADVICE,
    )
    app.command(migrate, sort_key=4, help_epilogue=_example("migrate --data /srv/flags"))


def up(settings: Annotated[EmbeddedSettings | None, _FLAT] = None, *, json: Json = False) -> None:
    """
    Start origin, stream and edge in one process, with a sample project.

    Prints the addresses and keys, and what to try. State stays in the data folder.
    """
    from pennon import embedded

    chosen = settings or EmbeddedSettings()
    text = partial(announcement_text, data=chosen.data, command=_command())
    with _told_when_unopened(chosen):
        embedded.run(chosen, _announcer(json, text))


def origin(
    settings: Annotated[StandaloneSettings | None, _FLAT] = None, *, json: Json = False
) -> None:
    """
    Start an origin: the database, the management API and the stream that edges follow.

    It evaluates nothing; start an edge beside it.
    """
    from pennon.origin import app

    chosen = settings or StandaloneSettings()
    with _told_when_unopened(chosen):
        app.run(chosen, _announcer(json, origin_text))


def connector(settings: Annotated[ConnectorSettings, _FLAT], *, json: Json = False) -> None:
    """
    Start a connector: it follows a parent and passes all on to hundreds of nodes below it.

    It evaluates nothing; edges, and further connectors, follow it as they would the origin.
    """
    from pennon.connector import app

    app.run(settings, _announcer(json, connector_text))


def edge(settings: Annotated[EdgeSettings, _FLAT], *, json: Json = False) -> None:
    """
    Start an edge: it follows a parent and evaluates flags without asking it.

    It starts from its data folder when the parent is down, and catches up when it is back.
    """
    from pennon.edge.workers.run import run

    run(settings, _announcer(json, edge_text), _again())


def migrate(
    settings: Annotated[DatabaseSettings | None, _FLAT] = None, *, json: Json = False
) -> None:
    """
    Bring the database to this version's tables; it may be run again at any time.

    A new version of Pennon asks for it before `pennon origin` starts; `pennon up` does it itself.
    """
    from pennon.origin import db

    chosen = settings or DatabaseSettings()
    if chosen.database is None:
        chosen.data.mkdir(parents=True, exist_ok=True)
    with _told_when_unopened(chosen):
        db.migrate(chosen.database_url)
    if json:
        print_json({"database": chosen.database_shown})
    else:
        print(f"{chosen.database_shown} is up to date.")


def _announcer(json: bool, text: Callable[[Ready], Text]) -> Callable[[Ready], None]:
    """Return what tells that a node is ready: as *text*, or as a line of JSON."""
    return print_json if json else lambda ready: print_text(text(ready))


@contextmanager
def _told_when_unopened(settings: DatabaseSettings) -> Iterator[None]:
    """Turn a database that cannot be opened into a sentence that names it."""
    from sqlalchemy.exc import OperationalError

    try:
        yield
    except OperationalError as error:
        raise CommandFailed(
            f"{settings.database_shown} cannot be opened: {error.orig}.\n"
            "Where there is no database yet, pennon migrate makes one in a folder that exists."
        ) from None


def _command() -> str:
    """Return what calls this program from another terminal in the same folder."""
    called = Path(sys.argv[0])
    if called.name != "pennon" or shutil.which("pennon") == str(called.absolute()):
        return "pennon"
    return shlex.quote(os.path.relpath(called))


def _again() -> list[str]:
    """Return what starts this very command once more, in a process of its own."""
    # As a module Python would look for it in the current folder first; a script does not.
    as_module = Path(sys.argv[0]).name == "__main__.py"
    return [sys.executable, *(() if as_module else ("-P",)), "-m", "pennon.cli", *sys.argv[1:]]


def _example(command: str) -> str:
    return f"Example:\n\n  pennon {command}"
