"""The environments' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from pennon.errors import NotFound
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import environments
from pennon.origin.paging import after_cursor, mention
from pennon.origin.projects.queries import require_project
from pennon.origin.schemas import ListQuery


def find(connection: Connection, project: str, key: str) -> AnyRow | None:
    """Return an environment."""
    return connection.execute(_all_of(project).where(environments.c.key == key)).one_or_none()


def require_environment(connection: Connection, project: str, key: str) -> AnyRow:
    """Return an environment. Raises NotFound, of the project where that is what is missing."""
    require_project(connection, project)
    row = find(connection, project, key)
    if row is None:
        raise NotFound("environment", key)
    return row


def list_page(connection: Connection, project: str, asked: ListQuery) -> Sequence[AnyRow]:
    """Return a page of environments and one more."""
    query = _all_of(project)
    if asked.q is not None:
        query = query.where(
            mention(asked.q, environments.c.key, environments.c.name, environments.c.description)
        )
    return connection.execute(after_cursor(query, environments.c.key, asked)).all()


def add(
    connection: Connection,
    environment: str,
    project: str,
    key: str,
    name: str,
    description: str,
    now: int,
) -> None:
    """Add an environment at version 0."""
    connection.execute(
        insert(environments).values(
            environment=environment,
            project=project,
            key=key,
            name=name,
            description=description,
            created_at=now,
            updated_at=now,
        )
    )


def change(connection: Connection, environment: str, name: str, description: str, now: int) -> None:
    """Change what is said of an environment."""
    connection.execute(
        update(environments)
        .where(environments.c.environment == environment)
        .values(name=name, description=description, updated_at=now)
    )


def missing(connection: Connection, names: Sequence[str]) -> list[str]:
    """Return those of *names* (``shop/production``) that do not exist."""
    found = connection.execute(
        select(environments.c.environment).where(
            environments.c.environment.in_(names), environments.c.project.is_not(None)
        )
    ).scalars()
    return sorted(set(names) - set(found))


def _all_of(project: str) -> Select[*tuple[Any, ...]]:
    return select(environments).where(environments.c.project == project)
