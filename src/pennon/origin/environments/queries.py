"""The environments' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select, update

from pennon.errors import NotFound
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import environments, projects
from pennon.origin.paging import after_cursor, mention, within
from pennon.origin.projects.queries import require_project
from pennon.origin.schemas import ArchivedQuery
from pennon.web.permissions import Scope


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


def every_environment(connection: Connection, project: str) -> Sequence[AnyRow]:
    """Return every environment of a project, archived ones too, in order of their keys."""
    return connection.execute(_all_of(project).order_by(environments.c.key)).all()


def list_page(
    connection: Connection, project: str, asked: ArchivedQuery, scope: Scope
) -> Sequence[AnyRow]:
    """Return a page of the environments within *scope*, and one more."""
    query = _all_of(project).where(environments.c.archived == asked.archived)
    if scope != "*":
        query = query.where(within(scope, environments.c.environment))
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


def change(connection: Connection, environment: str, values: dict[str, Any]) -> None:
    """Change what is said of an environment."""
    connection.execute(
        update(environments).where(environments.c.environment == environment).values(values)
    )


def approvals_required(connection: Connection, environment: str) -> int:
    """Return how many must approve a change of targeting, by the environment's full name."""
    required: int = connection.execute(
        select(environments.c.approvals).where(environments.c.environment == environment)
    ).scalar_one()
    return required


def find_archived(connection: Connection, name: str) -> AnyRow | None:
    """Return whether an environment, by its full name, and its project are archived."""
    return connection.execute(
        select(environments.c.archived.label("environment"), projects.c.archived.label("project"))
        .join_from(environments, projects, environments.c.project == projects.c.key)
        .where(environments.c.environment == name)
    ).one_or_none()


def archived_by_name(connection: Connection, names: Sequence[str]) -> dict[str, bool]:
    """Return for those of *names* (``shop/production``) that exist whether they are archived."""
    rows = connection.execute(
        select(
            environments.c.environment,
            or_(environments.c.archived, projects.c.archived).label("archived"),
        )
        .join_from(environments, projects, environments.c.project == projects.c.key)
        .where(environments.c.environment.in_(names))
    ).all()
    return {row.environment: row.archived for row in rows}


def _all_of(project: str) -> Select[*tuple[Any, ...]]:
    return select(environments).where(environments.c.project == project)
