"""The projects' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pennon.errors import Conflict, NotFound
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import environments, projects
from pennon.origin.paging import after_cursor, mention
from pennon.origin.schemas import ArchivedQuery
from pennon.web.permissions import Scope


def find(connection: Connection, key: str) -> AnyRow | None:
    """Return a project."""
    return connection.execute(select(projects).where(projects.c.key == key)).one_or_none()


def require_project(connection: Connection, key: str) -> AnyRow:
    """Return a project. Raises NotFound."""
    row = find(connection, key)
    if row is None:
        raise NotFound("project", key)
    return row


def existing(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Return those of *keys* that are projects."""
    return set(connection.execute(select(projects.c.key).where(projects.c.key.in_(keys))).scalars())


def lock_project(connection: Connection, key: str) -> AnyRow:
    """Lock a project, so that nothing of it is created or changed meanwhile. Raises NotFound."""
    row = connection.execute(
        select(projects).where(projects.c.key == key).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("project", key)
    return row


def lock_editable_project(connection: Connection, key: str) -> AnyRow:
    """Lock a project to change what it holds. Raises NotFound, and Conflict if it is archived."""
    row = lock_project(connection, key)
    if row.archived:
        raise Conflict(f"The project {key!r} is archived. Bring it back first.")
    return row


def list_page(connection: Connection, asked: ArchivedQuery, scope: Scope) -> Sequence[AnyRow]:
    """Return a page of the projects within *scope* or that hold something in it, and one more."""
    query = select(projects).where(projects.c.archived == asked.archived)
    if scope != "*":
        query = query.where(projects.c.key.in_({name.partition("/")[0] for name in scope}))
    if asked.q is not None:
        query = query.where(
            mention(asked.q, projects.c.key, projects.c.name, projects.c.description)
        )
    return connection.execute(after_cursor(query, projects.c.key, asked)).all()


def add(connection: Connection, key: str, name: str, description: str, now: int) -> None:
    """Add a project."""
    connection.execute(
        insert(projects).values(
            key=key,
            name=name,
            description=description,
            archived=False,
            created_at=now,
            updated_at=now,
        )
    )


def change(connection: Connection, key: str, values: dict[str, Any]) -> None:
    """Change what is said of a project."""
    connection.execute(update(projects).where(projects.c.key == key).values(values))


def environments_of(connection: Connection, project: str) -> list[str]:
    """Return the full names of a project's environments, archived ones too, sorted."""
    rows = connection.execute(
        select(environments.c.environment).where(environments.c.project == project)
    ).scalars()
    return sorted(rows)


def unarchived_environments_of(connection: Connection, project: str) -> list[str]:
    """Return the full names of the environments that are not archived by themselves, sorted."""
    rows = connection.execute(
        select(environments.c.environment).where(
            environments.c.project == project, environments.c.archived.is_(False)
        )
    ).scalars()
    return sorted(rows)


def have_any(connection: Connection) -> bool:
    """Return whether there is any project."""
    return connection.scalar(select(projects.c.key).limit(1)) is not None
