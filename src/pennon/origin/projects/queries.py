"""The projects' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from pennon.errors import NotFound
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import environments, projects
from pennon.origin.paging import after_cursor, mention
from pennon.origin.schemas import ListQuery


def find(connection: Connection, key: str) -> AnyRow | None:
    """Return a project."""
    return connection.execute(select(projects).where(projects.c.key == key)).one_or_none()


def require_project(connection: Connection, key: str) -> AnyRow:
    """Return a project. Raises NotFound."""
    row = find(connection, key)
    if row is None:
        raise NotFound("project", key)
    return row


def lock_project(connection: Connection, key: str) -> AnyRow:
    """Lock a project, so that it gets no environment or flag meanwhile. Raises NotFound."""
    row = connection.execute(
        select(projects).where(projects.c.key == key).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("project", key)
    return row


def list_page(connection: Connection, asked: ListQuery) -> Sequence[AnyRow]:
    """Return a page of projects and one more."""
    query = select(projects)
    if asked.q is not None:
        query = query.where(
            mention(asked.q, projects.c.key, projects.c.name, projects.c.description)
        )
    return connection.execute(after_cursor(query, projects.c.key, asked)).all()


def add(connection: Connection, key: str, name: str, description: str, now: int) -> None:
    """Add a project."""
    connection.execute(
        insert(projects).values(
            key=key, name=name, description=description, created_at=now, updated_at=now
        )
    )


def change(connection: Connection, key: str, name: str, description: str, now: int) -> None:
    """Change what is said of a project."""
    connection.execute(
        update(projects)
        .where(projects.c.key == key)
        .values(name=name, description=description, updated_at=now)
    )


def environments_of(connection: Connection, project: str) -> list[str]:
    """Return the full names of a project's environments, sorted."""
    rows = connection.execute(
        select(environments.c.environment).where(environments.c.project == project)
    ).scalars()
    return sorted(rows)


def have_any(connection: Connection) -> bool:
    """Return whether there is any project."""
    return connection.scalar(select(projects.c.key).limit(1)) is not None
