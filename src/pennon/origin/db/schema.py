"""
The schema's version: bring a database to it, or refuse one that is not at it.

Migrations run forward only, by an explicit `migrate`; a server never changes a schema by itself.
All here is done on a connection, in the transaction that it is in.
"""

from __future__ import annotations

import secrets
import time
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from pennon.errors import PennonError
from pennon.model.position import make_epoch
from pennon.origin.db.installation import install

_SCRIPTS: Final = "pennon.origin.db:migrations"


class WrongSchema(PennonError):
    """The database is empty, behind this code, or newer than it."""


def upgrade(connection: Connection) -> None:
    """
    Bring the database to the newest schema and write its first rows, where that is to be done.

    Raises WrongSchema when the database is newer than this code.
    """
    _refuse_newer(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    install(connection, make_epoch(time.time_ns() // 1_000_000, secrets.randbits(32)))


def check_schema(connection: Connection) -> None:
    """Raise WrongSchema unless the database is exactly at this code's schema."""
    _refuse_newer(connection)
    found, wanted = _revision(connection), _scripts().get_current_head()
    if found is None:
        raise WrongSchema("The database is empty. Run `pennon migrate` to create its tables.")
    if found != wanted:
        raise WrongSchema(
            f"The database's schema is at {found} and this Pennon needs {wanted}. "
            "Make a backup, then run `pennon migrate`."
        )


def _refuse_newer(connection: Connection) -> None:
    found = _revision(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise WrongSchema(
            f"The database's schema is at {found}, which this Pennon does not know: "
            "it was made by a newer one. Install that one or restore a backup."
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _SCRIPTS)
    config.set_main_option("path_separator", "os")
    return config
