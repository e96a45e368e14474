"""The commands that serve: `up`, `origin`, `edge`; and `migrate`, which prepares for them."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from pennon.cli.announce import announcement_text, edge_text
from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.edge.settings import EdgeSettings
from pennon.model.ready import Announcement, EdgeReady, OriginReady
from pennon.origin.settings import DatabaseSettings, EmbeddedSettings, OriginSettings

# What serves is imported by the command that starts it: `pennon flag` need not wait for it.

_FLAT = Parameter(name="*")
"""Makes each field of a settings class an option."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    app.command(up, sort_key=1, help_epilogue=_example("up --port 9000 --data ./flags"))
    app.command(origin, sort_key=2, help_epilogue=_example("origin --data /srv/flags"))
    app.command(
        edge,
        sort_key=3,
        help_epilogue=_example("edge --parent https://flags.example.com --pop ams --region eu")
        + "\n\nGive the relay key as PENNON_KEY, where no list of processes shows it.",
    )
    app.command(migrate, sort_key=4, help_epilogue=_example("migrate --data /srv/flags"))


def up(settings: Annotated[EmbeddedSettings | None, _FLAT] = None, *, json: Json = False) -> None:
    """
    Start origin, stream and edge in one process, with a sample project.

    Prints the addresses and keys, and what to try. State stays in the data folder.
    """
    from pennon import embedded

    chosen = settings or EmbeddedSettings()

    def announce(ready: Announcement) -> None:
        print_json(ready) if json else print_text(announcement_text(ready, chosen.data))

    embedded.run(chosen, announce)


def origin(settings: Annotated[OriginSettings | None, _FLAT] = None, *, json: Json = False) -> None:
    """
    Start an origin: the database, the management API and the stream that edges follow.

    It evaluates nothing; start an edge beside it.
    """
    from pennon.origin import app

    def announce(ready: OriginReady) -> None:
        print_json(ready) if json else print_text(f"Origin ready at {ready.url}")

    app.run(settings or OriginSettings(), announce)


def edge(settings: Annotated[EdgeSettings, _FLAT], *, json: Json = False) -> None:
    """
    Start an edge: it follows a parent and evaluates flags without asking it.

    It starts from its data folder when the parent is down, and catches up when it is back.
    """
    from pennon.edge import app

    def announce(ready: EdgeReady) -> None:
        print_json(ready) if json else print_text(edge_text(ready))

    app.run(settings, announce)


def migrate(
    settings: Annotated[DatabaseSettings | None, _FLAT] = None, *, json: Json = False
) -> None:
    """
    Bring the database to this version's tables; it may be run again at any time.

    A new version of Pennon asks for it before `pennon origin` starts; `pennon up` does it itself.
    """
    from sqlalchemy.exc import OperationalError

    from pennon.origin import db

    chosen = settings or DatabaseSettings()
    if chosen.database is None:
        chosen.data.mkdir(parents=True, exist_ok=True)
    try:
        db.migrate(chosen.database_url)
    except OperationalError as error:
        raise CommandFailed(f"{chosen.database_url} cannot be opened: {error.orig}") from None
    if json:
        print_json({"database": chosen.database_url})
    else:
        print(f"{chosen.database_url} is up to date.")


def _example(command: str) -> str:
    return f"Example:\n\n  pennon {command}"
