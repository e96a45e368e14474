"""The schedules' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pennon.errors import NotFound
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import schedules
from pennon.origin.paging import after_cursor, mention
from pennon.origin.schedules.schemas import ScheduleQuery


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Add a schedule."""
    connection.execute(insert(schedules).values(values))


def require(connection: Connection, environment: str, id: str) -> AnyRow:
    """Return a schedule of an environment. Raises NotFound."""
    row = connection.execute(
        select(schedules).where(schedules.c.environment == environment, schedules.c.id == id)
    ).one_or_none()
    if row is None:
        raise NotFound("schedule", id)
    return row


def move(connection: Connection, row: AnyRow, values: Mapping[str, Any]) -> bool:
    """Change a pending schedule from the step that *row* has; False if somebody else did."""
    return (
        connection.execute(
            update(schedules)
            .where(
                schedules.c.id == row.id,
                schedules.c.status == "pending",
                schedules.c.done == row.done,
            )
            .values(values)
        ).rowcount
        == 1
    )


def due(connection: Connection, now: int, limit: int) -> Sequence[AnyRow]:
    """Return schedules with a step that is due, what is due longest first."""
    return connection.execute(
        select(schedules)
        .where(schedules.c.due <= now)
        .order_by(schedules.c.due, schedules.c.id)
        .limit(limit)
    ).all()


def list_page(connection: Connection, environment: str, asked: ScheduleQuery) -> Sequence[AnyRow]:
    """Return a page of an environment's schedules and one more."""
    query = select(schedules).where(schedules.c.environment == environment)
    if asked.status is not None:
        query = query.where(schedules.c.status == asked.status)
    if asked.q is not None:
        query = query.where(mention(asked.q, schedules.c.flag, schedules.c.comment))
    return connection.execute(after_cursor(query, schedules.c.id, asked)).all()
