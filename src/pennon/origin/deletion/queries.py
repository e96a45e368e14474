"""The SQL of what is deleted, one statement a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, insert, select
from sqlalchemy import delete as delete_from

from pennon.errors import Conflict
from pennon.model.messages import ItemKind
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import deleted
from pennon.origin.paging import after_cursor, mention
from pennon.origin.schemas import ListQuery


def read_rows(
    connection: Connection, table: Table, key_column: Column[str], project: str, key: str
) -> list[dict[str, Any]]:
    """Return the rows of a flag or a segment in one of its tables."""
    found = connection.execute(
        select(table).where(table.c.project == project, key_column == key)
    ).mappings()
    return [dict(row) for row in found]


def remove_rows(
    connection: Connection, table: Table, key_column: Column[str], project: str, key: str
) -> None:
    """Remove the rows of a flag or a segment from one of its tables."""
    connection.execute(delete_from(table).where(table.c.project == project, key_column == key))


def add_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows to a table."""
    if rows:
        connection.execute(insert(table), list(rows))


def put_aside(
    connection: Connection,
    project: str,
    kind: ItemKind,
    key: str,
    name: str,
    document: bytes,
    now: int,
) -> None:
    """Add what was deleted."""
    connection.execute(
        insert(deleted).values(
            project=project,
            resource=f"{kind}/{key}",
            kind=kind,
            key=key,
            name=name,
            document=document,
            deleted_at=now,
        )
    )


def find(connection: Connection, project: str, kind: str, key: str) -> AnyRow | None:
    """Return what was deleted."""
    return connection.execute(select(deleted).where(_is(project, kind, key))).one_or_none()


def refuse_deleted(connection: Connection, project: str, kind: ItemKind, key: str) -> None:
    """Raise Conflict when a key is still that of something deleted."""
    if find(connection, project, kind, key) is not None:
        raise Conflict(
            f"The {kind} {key!r} was deleted, and its key stays taken until it is purged. "
            "Restore it, or purge it first."
        )


def every_key(connection: Connection, project: str) -> set[tuple[ItemKind, str]]:
    """Return the kinds and keys of all that lies deleted in a project."""
    query = select(deleted.c.kind, deleted.c.key).where(deleted.c.project == project)
    return {(row.kind, row.key) for row in connection.execute(query)}


def list_page(connection: Connection, project: str, asked: ListQuery) -> Sequence[AnyRow]:
    """Return a page of what was deleted in a project and one more."""
    query = select(deleted).where(deleted.c.project == project)
    if asked.q is not None:
        query = query.where(mention(asked.q, deleted.c.key, deleted.c.name))
    return connection.execute(after_cursor(query, deleted.c.resource, asked)).all()


def deleted_before(connection: Connection, time: int) -> Sequence[AnyRow]:
    """Return what was deleted before a time, in every project."""
    return connection.execute(
        select(deleted.c.project, deleted.c.kind, deleted.c.key)
        .where(deleted.c.deleted_at < time)
        .order_by(deleted.c.project, deleted.c.resource)
    ).all()


def forget(connection: Connection, project: str, kind: str, key: str) -> None:
    """Remove what was deleted."""
    connection.execute(delete_from(deleted).where(_is(project, kind, key)))


def _is(project: str, kind: str, key: str) -> ColumnElement[bool]:
    return and_(deleted.c.project == project, deleted.c.resource == f"{kind}/{key}")
