"""The flags' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, select, update

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import flags, targetings
from pennon.origin.paging import after_cursor
from pennon.origin.schemas import ArchivedQuery


def find(connection: Connection, project: str, key: str) -> AnyRow | None:
    """Return a flag's definition."""
    return connection.execute(select(flags).where(_is_flag(project, key))).one_or_none()


def list_page(connection: Connection, project: str, asked: ArchivedQuery) -> Sequence[AnyRow]:
    """Return a page of a project's flags and one more."""
    query = _filtered(select(flags).where(flags.c.project == project), asked)
    return connection.execute(after_cursor(query, flags.c.key, asked)).all()


def find_in(connection: Connection, environment: str, key: str) -> AnyRow | None:
    """Return a flag in an environment."""
    return connection.execute(_targeted(environment).where(targetings.c.flag == key)).one_or_none()


def list_page_in(
    connection: Connection, environment: str, asked: ArchivedQuery
) -> Sequence[AnyRow]:
    """Return a page of an environment's flags and one more."""
    query = _filtered(_targeted(environment), asked)
    return connection.execute(after_cursor(query, flags.c.key, asked)).all()


def every_environment(connection: Connection, project: str, key: str) -> Sequence[AnyRow]:
    """Return a flag in each environment of its project, in order of their names."""
    return connection.execute(
        _joined().where(_is_flag(project, key)).order_by(targetings.c.environment)
    ).all()


def every_flag(connection: Connection, project: str) -> Sequence[AnyRow]:
    """Return every flag of a project, archived ones too."""
    return connection.execute(
        select(flags).where(flags.c.project == project).order_by(flags.c.key)
    ).all()


def add(connection: Connection, values: dict[str, Any]) -> None:
    """Add a flag's definition."""
    connection.execute(insert(flags).values(values))


def change(connection: Connection, project: str, key: str, values: dict[str, Any]) -> None:
    """Change a flag's definition."""
    connection.execute(update(flags).where(_is_flag(project, key)).values(values))


def add_targeting(connection: Connection, values: dict[str, Any]) -> None:
    """Add a flag to an environment."""
    connection.execute(insert(targetings).values(values))


def change_targeting(
    connection: Connection, environment: str, key: str, values: dict[str, Any]
) -> None:
    """Change a flag in an environment."""
    connection.execute(
        update(targetings)
        .where(targetings.c.environment == environment, targetings.c.flag == key)
        .values(values)
    )


def _joined() -> Select[*tuple[Any, ...]]:
    return select(
        flags,
        targetings.c.environment,
        targetings.c.document.label("targeting"),
        targetings.c.version,
        targetings.c.updated_at.label("targeted_at"),
    ).join_from(
        flags,
        targetings,
        and_(flags.c.project == targetings.c.project, flags.c.key == targetings.c.flag),
    )


def _targeted(environment: str) -> Select[*tuple[Any, ...]]:
    return _joined().where(targetings.c.environment == environment)


def _filtered(query: Select[*tuple[Any, ...]], asked: ArchivedQuery) -> Select[*tuple[Any, ...]]:
    query = query.where(flags.c.archived == asked.archived)
    if asked.q is not None:
        query = query.where(flags.c.search.contains(asked.q.lower(), autoescape=True))
    return query


def _is_flag(project: str, key: str) -> Any:
    return and_(flags.c.project == project, flags.c.key == key)
