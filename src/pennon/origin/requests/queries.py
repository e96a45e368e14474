"""The change requests' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from pennon.errors import NotFound
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import change_requests
from pennon.origin.paging import after_cursor, mention
from pennon.origin.requests.schemas import RequestQuery


def add(connection: Connection, values: dict[str, Any]) -> None:
    """Add a change request."""
    connection.execute(insert(change_requests).values(values))


def require(connection: Connection, environment: str, id: str, *, lock: bool = False) -> AnyRow:
    """Return a change request of an environment. Raises NotFound."""
    query = select(change_requests).where(_is(environment, id))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("change request", id)
    return row


def change(connection: Connection, environment: str, id: str, values: dict[str, Any]) -> None:
    """Change a change request."""
    connection.execute(update(change_requests).where(_is(environment, id)).values(values))


def list_page(connection: Connection, environment: str, asked: RequestQuery) -> Sequence[AnyRow]:
    """Return a page of an environment's change requests and one more."""
    columns = change_requests.c
    query = select(change_requests).where(columns.environment == environment)
    if asked.status is not None:
        query = query.where(columns.status == asked.status)
    if asked.q is not None:
        query = query.where(mention(asked.q, columns.key, columns.comment, columns.author_name))
    return connection.execute(after_cursor(query, columns.id, asked)).all()


def due(connection: Connection, now: int, limit: int) -> Sequence[AnyRow]:
    """Return open requests whose time has come, what is due longest first."""
    columns = change_requests.c
    return connection.execute(
        select(change_requests)
        .where(columns.due <= now, columns.status == "open")
        .order_by(columns.due, columns.id)
        .limit(limit)
    ).all()


def _is(environment: str, id: str) -> ColumnElement[bool]:
    return and_(change_requests.c.environment == environment, change_requests.c.id == id)
