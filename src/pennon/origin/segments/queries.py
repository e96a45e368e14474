"""The segments' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, select, update

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import memberships, segments
from pennon.origin.paging import after_cursor
from pennon.origin.schemas import ArchivedQuery


def find(connection: Connection, project: str, key: str) -> AnyRow | None:
    """Return a segment's definition."""
    return connection.execute(select(segments).where(_is_segment(project, key))).one_or_none()


def list_page(connection: Connection, project: str, asked: ArchivedQuery) -> Sequence[AnyRow]:
    """Return a page of a project's segments and one more."""
    query = _filtered(select(segments).where(segments.c.project == project), asked)
    return connection.execute(after_cursor(query, segments.c.key, asked)).all()


def find_in(connection: Connection, environment: str, key: str) -> AnyRow | None:
    """Return a segment in an environment."""
    return connection.execute(
        _populated(environment).where(memberships.c.segment == key)
    ).one_or_none()


def list_page_in(
    connection: Connection, environment: str, asked: ArchivedQuery
) -> Sequence[AnyRow]:
    """Return a page of an environment's segments and one more."""
    query = _filtered(_populated(environment), asked)
    return connection.execute(after_cursor(query, segments.c.key, asked)).all()


def every_environment(connection: Connection, project: str, key: str) -> Sequence[AnyRow]:
    """Return a segment in each environment of its project, in order of their names."""
    return connection.execute(
        _joined().where(_is_segment(project, key)).order_by(memberships.c.environment)
    ).all()


def every_segment(connection: Connection, project: str) -> Sequence[AnyRow]:
    """Return every segment of a project, archived ones too."""
    return connection.execute(
        select(segments).where(segments.c.project == project).order_by(segments.c.key)
    ).all()


def every_membership(connection: Connection, project: str) -> Sequence[AnyRow]:
    """Return who belongs to each segment of a project in each environment."""
    return connection.execute(
        select(memberships.c.segment, memberships.c.environment, memberships.c.document).where(
            memberships.c.project == project
        )
    ).all()


def add(connection: Connection, values: dict[str, Any]) -> None:
    """Add a segment's definition."""
    connection.execute(insert(segments).values(values))


def change(connection: Connection, project: str, key: str, values: dict[str, Any]) -> None:
    """Change a segment's definition."""
    connection.execute(update(segments).where(_is_segment(project, key)).values(values))


def add_membership(connection: Connection, values: dict[str, Any]) -> None:
    """Add a segment to an environment."""
    connection.execute(insert(memberships).values(values))


def change_membership(
    connection: Connection, environment: str, key: str, values: dict[str, Any]
) -> None:
    """Change a segment in an environment."""
    connection.execute(
        update(memberships)
        .where(memberships.c.environment == environment, memberships.c.segment == key)
        .values(values)
    )


def _joined() -> Select[*tuple[Any, ...]]:
    return select(
        segments,
        memberships.c.environment,
        memberships.c.document.label("membership"),
        memberships.c.version,
        memberships.c.updated_at.label("populated_at"),
    ).join_from(
        segments,
        memberships,
        and_(segments.c.project == memberships.c.project, segments.c.key == memberships.c.segment),
    )


def _populated(environment: str) -> Select[*tuple[Any, ...]]:
    return _joined().where(memberships.c.environment == environment)


def _filtered(query: Select[*tuple[Any, ...]], asked: ArchivedQuery) -> Select[*tuple[Any, ...]]:
    query = query.where(segments.c.archived == asked.archived)
    if asked.q is not None:
        query = query.where(segments.c.search.contains(asked.q.lower(), autoescape=True))
    return query


def _is_segment(project: str, key: str) -> Any:
    return and_(segments.c.project == project, segments.c.key == key)
