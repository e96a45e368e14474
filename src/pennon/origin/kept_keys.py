"""
The keys that an origin makes for its owner at the first start, kept in its data folder.

The database holds only hashes, so what is printed again at every start must be kept: in
``keys.json``, readable by its owner alone.
"""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, select

from pennon.errors import BadInput
from pennon.kv.atomic import replace_file
from pennon.model.access import KeyKind, hash_key
from pennon.model.codec import decode
from pennon.model.ready import Announcement
from pennon.origin.access.keys import create_key
from pennon.origin.access.queries import find_token_by_hash
from pennon.origin.access.schemas import NewKey, NewToken
from pennon.origin.access.tokens import create_token
from pennon.origin.authors import PENNON
from pennon.origin.changelog import Transaction
from pennon.origin.db.tables import environments, projects
from pennon.origin.services import Origin

FILE: Final = "keys.json"
_NAME: Final = "made at the first start"
_ADMIN: Final = NewToken(name=_NAME, role="admin", scope="*")


async def kept_keys(origin: Origin, folder: Path, url: str) -> Announcement:
    """
    Return the keys in *folder*, having made those that were missing, with the present *url*.

    Keys of a database that is no longer there are made anew. A key or token that was revoked is
    not: somebody meant that, and a restart must not undo it. Server and client keys are for the
    first environment, and empty while there is none. Raises BadInput when the file is malformed.
    """
    path = folder / FILE
    kept = await asyncio.to_thread(_read, path)
    if kept is None or not await origin.read(partial(_knows, token=kept.admin_token)):
        kept = Announcement(
            url=url,
            admin_token="",
            server_key="",
            client_key="",
            relay_key="",
            project="",
            environment="",
        )
    found = replace(await origin.write(partial(_completed, kept=kept)), url=url)
    await asyncio.to_thread(_write, path, found)
    return found


def _completed(transaction: Transaction, kept: Announcement) -> Announcement:
    """Return *kept* with every key that can be made by now."""
    project, environment = kept.project, kept.environment
    if not project:
        project, environment = _first_environment(transaction.connection)
    name = f"{project}/{environment}"

    def key(held: str, kind: KeyKind, grants: tuple[str, ...] | Literal["*"]) -> str:
        if held or (not project and grants != "*"):
            return held
        new = NewKey(kind=kind, environments=grants, name=_NAME)
        return create_key(transaction, new, PENNON).secret

    return replace(
        kept,
        project=project,
        environment=environment,
        relay_key=key(kept.relay_key, "relay", "*"),
        server_key=key(kept.server_key, "server", (name,)),
        client_key=key(kept.client_key, "client", (name,)),
        admin_token=kept.admin_token or create_token(transaction, _ADMIN, PENNON).secret,
    )


def _first_environment(connection: Connection) -> tuple[str, str]:
    """Return the project and key of the first environment in use, or two empty strings."""
    row = connection.execute(
        select(environments.c.project, environments.c.key)
        .join_from(environments, projects, environments.c.project == projects.c.key)
        .where(environments.c.archived.is_(False), projects.c.archived.is_(False))
        .order_by(environments.c.created_at, environments.c.environment)
        .limit(1)
    ).one_or_none()
    return (row.project, row.key) if row else ("", "")


def _knows(connection: Connection, token: str) -> bool:
    return find_token_by_hash(connection, hash_key(token)) is not None


def _read(path: Path) -> Announcement | None:
    try:
        return decode(path.read_bytes(), Announcement)
    except FileNotFoundError:
        return None
    except BadInput as error:
        raise BadInput.at(str(path), f"expected the keys that Pennon wrote: {error}") from None


def _write(path: Path, keys: Announcement) -> None:
    replace_file(path, msgspec.json.format(msgspec.json.encode(keys)) + b"\n")
