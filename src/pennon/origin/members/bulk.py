"""
Many keys in one statement: written, removed, looked up.

A thousand parameters are planned as a thousand; here the keys are one, an array on PostgreSQL and
JSON on SQLite, so that the statement is the same whatever their number.

PostgreSQL knows nothing of a list that has just been written, and takes it for short: it would
read all of it for a thousand keys, or for a page. So each key is a look-up of its own in the
index, whatever the statistics say, and a page is read along it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import json
from sqlalchemy import Connection, text

from pennon.model.members import can_be_member

_WRITE: Final = {
    "postgresql": text(
        "INSERT INTO members (list, key, member) "
        "SELECT :list, key, member "
        "FROM unnest(CAST(:keys AS varchar[]), CAST(:marks AS boolean[])) AS new (key, member) "
        "ON CONFLICT (list, key) DO UPDATE SET member = excluded.member"
    ),
    "sqlite": text(
        "INSERT INTO members (list, key, member) "
        "SELECT :list, json_extract(value, '$[0]'), json_extract(value, '$[1]') "
        "FROM json_each(:rows) WHERE true "
        "ON CONFLICT (list, key) DO UPDATE SET member = excluded.member"
    ),
}
_FOUND: Final = (
    "FROM unnest(CAST(:keys AS varchar[])) AS asked (key) CROSS JOIN LATERAL ("
    "SELECT {} FROM members "
    'WHERE members.list = :list AND members.key = asked.key COLLATE "C" LIMIT 1) AS found'
)
_REMOVE: Final = {
    "postgresql": text(
        f"DELETE FROM members WHERE ctid = ANY (ARRAY (SELECT found.ctid {_FOUND.format('ctid')}))"
    ),
    "sqlite": text(
        "DELETE FROM members WHERE list = :list AND key IN (SELECT value FROM json_each(:keys))"
    ),
}
_FIND: Final = {
    "postgresql": text(f"SELECT asked.key, found.member {_FOUND.format('member')}"),
    "sqlite": text(
        "SELECT key, member FROM members "
        "WHERE list = :list AND key IN (SELECT value FROM json_each(:keys))"
    ),
}
_IN_ORDER: Final = text("SELECT set_config('enable_bitmapscan', 'off', true)")


def write_members(connection: Connection, list: int, rows: Sequence[tuple[str, bool]]) -> None:
    """Put keys into a list, each a member or not; those that are there change."""
    if not rows:
        return
    given: dict[str, Any] = {"list": list}
    if connection.dialect.name == "postgresql":
        given["keys"], given["marks"] = map(_all, zip(*rows, strict=True))
    else:
        given["rows"] = json.encode(rows).decode()
    connection.execute(_WRITE[connection.dialect.name], given)


def remove_members(connection: Connection, list: int, keys: Sequence[str]) -> None:
    """Take keys out of a list."""
    if keys:
        connection.execute(_REMOVE[connection.dialect.name], _named(connection, list, keys))


def find_members(connection: Connection, list: int, keys: Sequence[str]) -> dict[str, bool]:
    """
    Return which of *keys* a list has, and whether each is a member.

    They may be any: those that no list can have are asked of no database.
    """
    asked = [*filter(can_be_member, keys)]
    if not asked:
        return {}
    rows = connection.execute(_FIND[connection.dialect.name], _named(connection, list, asked))
    return {row.key: bool(row.member) for row in rows}


def read_along_index(connection: Connection) -> None:
    """Let the rest of a transaction read pages of a list in the order of its index."""
    if connection.dialect.name == "postgresql":
        connection.execute(_IN_ORDER)


def _named(connection: Connection, list: int, keys: Sequence[str]) -> dict[str, Any]:
    if connection.dialect.name == "postgresql":
        return {"list": list, "keys": _all(keys)}
    return {"list": list, "keys": json.encode(keys).decode()}


def _all(values: Iterable[Any]) -> list[Any]:
    return [*values]
