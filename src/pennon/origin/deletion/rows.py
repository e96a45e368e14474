"""The rows that make up a flag or a segment, as one JSON document and back. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import convert, json
from sqlalchemy import Column, LargeBinary, Table

from pennon.model.messages import ItemKind
from pennon.origin.db.tables import flag_tags, flags, memberships, segments, targetings

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by the name of their table, each by its columns."""

PARTS: Final[dict[ItemKind, tuple[tuple[Table, Column[str]], ...]]] = {
    "flag": ((flags, flags.c.key), (flag_tags, flag_tags.c.flag), (targetings, targetings.c.flag)),
    "segment": ((segments, segments.c.key), (memberships, memberships.c.segment)),
}
"""Where the rows of each kind are, and the column with its key; those that others need first."""


def document_of(rows: Rows) -> bytes:
    """Return *rows* as JSON; bytes become base64."""
    return json.encode(
        {table: [dict(map(_written, row.items())) for row in some] for table, some in rows.items()}
    )


def rows_in(document: bytes, kind: ItemKind) -> dict[str, list[dict[str, Any]]]:
    """
    Return the rows of a document, with the columns that their tables have.

    A column that a newer schema has dropped is left out; one that it has added takes its default.
    """
    found: dict[str, list[dict[str, Any]]] = json.decode(document)
    return {
        table.name: [_read(table, row) for row in found.get(table.name, ())]
        for table, _ in PARTS[kind]
    }


def _written(column: tuple[str, Any]) -> tuple[str, Any]:
    name, value = column
    return name, b64encode(value).decode() if isinstance(value, bytes | memoryview) else value


def _read(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column.name: convert(value, bytes) if _is_binary(column, value) else value
        for column in table.columns
        if column.name in row
        for value in [row[column.name]]
    }


def _is_binary(column: Column[Any], value: object) -> bool:
    return isinstance(column.type, LargeBinary) and value is not None
