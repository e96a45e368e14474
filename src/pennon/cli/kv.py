"""`pennon kv`: L3, the datafiles that edges share, held against the database and made anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import App, Parameter
from rich.table import Table

from pennon.cli.errors import CommandFailed
from pennon.cli.output import Json, print_json, print_text
from pennon.kv.nats_address import shown
from pennon.origin.settings import OwnL3Settings

if TYPE_CHECKING:
    from pennon.origin.db import Database
    from pennon.origin.kv_rebuild import InL3
    from pennon.web.l3 import L3Store

    Work = Callable[[Database, L3Store], Awaitable[list[InL3]]]

# What reads and writes is imported by the command that needs it: the others need not wait.

Where = Annotated[OwnL3Settings | None, Parameter(name="*")]

_PATIENCE: Final = 10.0
_EXAMPLES = """\
Examples:

  pennon kv status
  pennon kv rebuild --l3 nats://n1:4222,nats://n2:4222 --database postgresql:///pennon

Both read the database itself. Origins publish to L3 by themselves; a rebuild is for one that
was lost while no origin runs, or that you do not trust."""


def register(app: App) -> None:
    """Add the commands to *app*."""
    group = App(name="kv", help="See and rebuild the datafiles that edges share (L3).", sort_key=6)
    group.help_epilogue = _EXAMPLES
    group.command(status, sort_key=1)
    group.command(rebuild, sort_key=2)
    app.command(group)


def status(*, where: Where = None, json: Json = False) -> None:
    """Hold L3 against the database: which environments it has, and which are older there."""
    from pennon.origin.kv_rebuild import compare

    settings = where or OwnL3Settings()

    async def run(database: Database, store: L3Store) -> list[InL3]:
        return await compare(database, store)

    found = _with_both(settings, run)
    if json:
        print_json({"l3": shown(settings.l3_address), "environments": found})
        return
    table = Table("ENVIRONMENT", "DATABASE", "L3", "", box=None, header_style="dim", pad_edge=False)
    for one in found:
        table.add_row(one.environment, one.database, one.l3 or "-", one.state)
    print_text(table)


def rebuild(*, where: Where = None, json: Json = False) -> None:
    """
    Write every environment from the database into L3.

    It may run beside origins, and be run again. A newer position in L3 is left as it is.
    """
    from pennon.origin.kv_rebuild import rebuild as rebuilding

    settings = where or OwnL3Settings()

    async def run(database: Database, store: L3Store) -> list[InL3]:
        done = []
        async for one in rebuilding(database, store):
            done.append(one)
            if not json:
                print_text(f"{one.environment}  {one.l3 or one.database}  {one.state}")
        return done

    done = _with_both(settings, run)
    if json:
        print_json({"l3": shown(settings.l3_address), "environments": done})
    failed = [one.environment for one in done if one.state == "failed"]
    if failed:
        raise CommandFailed(f"Not all could be written to L3: {', '.join(failed)}.")


def _with_both(settings: OwnL3Settings, work: Work) -> list[InL3]:
    """Return what *work* finds. Raises CommandFailed where the database or L3 is out of reach."""
    from pennon.cli.audit_database import with_database
    from pennon.web.l3 import open_l3

    # What goes wrong is told as one line at the end, not as a log while it is tried again.
    logging.getLogger("pennon.kv").addHandler(logging.NullHandler())

    async def run(database: Database) -> list[InL3]:
        async with open_l3(settings, settings.l3_address, settings.l3_replicas) as store:
            assert store is not None
            try:
                async with asyncio.timeout(_PATIENCE):
                    await store.until_back(0)
                return await work(database, store)
            except OSError as error:
                reason = str(error) or "no answer"
                where = shown(settings.l3_address)
                raise CommandFailed(f"L3 cannot be reached at {where}: {reason}.") from None

    return with_database(settings, run)
