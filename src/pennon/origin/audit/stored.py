"""
Reads chains as the database has them, trusting none of it.

SQLite lets any type stand in any column, and who alters a log need not keep to ours: what is not
what was written is `Unreadable`, never an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from msgspec import DecodeError, Raw, json
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from pennon.origin.audit import queries
from pennon.origin.audit.links import Checkpoint, Head, Link, Unreadable
from pennon.origin.audit.records import Record
from pennon.origin.audit.verification import Verdict, verify_chain
from pennon.origin.db.append_only import missing_guards
from pennon.origin.db.tables import audit

BATCH: Final = 1000

_COLUMNS: Final = (*Record.__struct_fields__, "hash")
_TYPES: Final = {column.name: column.type.python_type for column in audit.c}
_NULLABLE: Final = frozenset(column.name for column in audit.c if column.nullable)
_json_value: Final = json.Decoder(Raw)


def find_chains(connection: Connection) -> list[str]:
    """Return the names of all chains that there are or should be, in order."""
    return sorted(name for name in queries.all_chains(connection) if isinstance(name, str))


def verify_guards(connection: Connection) -> tuple[str, ...]:
    """Return a sentence for each guard of the log that was taken from the database."""
    return missing_guards(connection, audit.name)


def verify_stored(
    connection: Connection,
    chain: str,
    checkpoints: Iterable[Checkpoint] = (),
    batch: int = BATCH,
) -> Verdict:
    """Return whether a chain in the database is intact, having held *batch* records at a time."""
    return verify_chain(
        chain, find_head(connection, chain), read_links(connection, chain, batch), checkpoints
    )


def find_head(connection: Connection, chain: str) -> Head | None:
    """Return a chain's head; None when there is none that can be read."""
    try:
        row = queries.find_head(connection, chain)
    except OperationalError as error:
        _raise_unless_undecodable(error)
        return None
    if row is None or type(row.sequence) is not int or type(row.hash) is not str:
        return None
    return Head(chain=chain, sequence=row.sequence, hash=row.hash)


def read_links(
    connection: Connection, chain: str, batch: int = BATCH
) -> Iterator[Link | Unreadable]:
    """Yield every record of a chain in order of its number, up to one without a number."""
    after: int | None = None
    while links := read_batch(connection, chain, after, batch):
        for link in links:
            yield link
            if isinstance(link, Unreadable) and link.sequence is None:
                return
            after = link.sequence


def read_batch(
    connection: Connection, chain: str, after: int | None, limit: int
) -> list[Link | Unreadable]:
    """Return at most *limit* records of a chain whose numbers are above *after*."""
    try:
        rows = queries.read_raw(connection, chain, _COLUMNS, after, limit)
    except OperationalError as error:
        _raise_unless_undecodable(error)
        if limit == 1:
            return [Unreadable("it holds text that is not UTF-8")]
        return read_batch(connection, chain, after, limit // 2)
    return [_link(row) for row in rows]


def _link(row: Sequence[Any]) -> Link | Unreadable:
    values = dict(zip(_COLUMNS, row, strict=True))
    sequence = values["sequence"] if type(values["sequence"]) is int else None
    for name, value in values.items():
        if value is None and name in _NULLABLE:
            continue
        if type(value) is not _TYPES[name]:
            return Unreadable(f"its {name} is of the wrong type", sequence)
        if type(value) is bytes:
            # Two columns could otherwise share out the same bytes in another way.
            try:
                _json_value.decode(value)
            except DecodeError:
                return Unreadable(f"its {name} is not JSON", sequence)
            values[name] = Raw(value)
    stored = values.pop("hash")
    record = Record(**values)
    return Link(record, stored, record.hash())


def _raise_unless_undecodable(error: OperationalError) -> None:
    """Pass on all but what sqlite3 says of text that is not UTF-8: that was put there."""
    if "UTF-8" not in str(error.orig):
        raise error
