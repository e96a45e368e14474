"""The flags' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, delete, insert, select, update

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import flag_tags, flags, targetings

_JOINED: Final = (
    flags,
    targetings.c.environment,
    targetings.c.document.label("targeting"),
    targetings.c.version,
    targetings.c.changed_at,
)


def find(connection: Connection, project: str, key: str) -> AnyRow | None:
    """Return a flag's definition."""
    return connection.execute(select(flags).where(_is_flag(project, key))).one_or_none()


def find_in(connection: Connection, environment: str, key: str) -> AnyRow | None:
    """Return a flag in an environment."""
    return connection.execute(
        joined().where(targetings.c.environment == environment, targetings.c.flag == key)
    ).one_or_none()


def every_environment(connection: Connection, project: str, key: str) -> Sequence[AnyRow]:
    """Return a flag in each environment of its project, in order of their names."""
    return connection.execute(
        joined().where(_is_flag(project, key)).order_by(targetings.c.environment)
    ).all()


def every_flag(connection: Connection, project: str) -> Sequence[AnyRow]:
    """Return every flag of a project, archived ones too."""
    return connection.execute(
        select(flags).where(flags.c.project == project).order_by(flags.c.key)
    ).all()


def every_targeting(connection: Connection, project: str) -> Sequence[AnyRow]:
    """Return whom each flag of a project serves in each environment."""
    return connection.execute(
        select(targetings.c.flag, targetings.c.environment, targetings.c.document).where(
            targetings.c.project == project
        )
    ).all()


def add(connection: Connection, values: dict[str, Any]) -> None:
    """Add a flag's definition."""
    connection.execute(insert(flags).values(values))


def change(connection: Connection, project: str, key: str, values: dict[str, Any]) -> None:
    """Change a flag's definition."""
    connection.execute(update(flags).where(_is_flag(project, key)).values(values))


def tag(connection: Connection, project: str, key: str, tags: Iterable[str]) -> None:
    """Let a flag be found by *tags*, and by no other."""
    connection.execute(
        delete(flag_tags).where(flag_tags.c.project == project, flag_tags.c.flag == key)
    )
    rows = [{"project": project, "flag": key, "tag": one} for one in sorted(set(tags))]
    if rows:
        connection.execute(insert(flag_tags), rows)


def add_targeting(connection: Connection, values: dict[str, Any]) -> None:
    """Add a flag to an environment."""
    connection.execute(insert(targetings).values(values))


def change_targeting(
    connection: Connection, environment: str, key: str, values: dict[str, Any]
) -> None:
    """Change a flag in an environment."""
    connection.execute(
        update(targetings).where(targetings.c.environment == environment, targetings.c.flag == key),
        values,
    )


def touch(connection: Connection, project: str, key: str, now: int) -> None:
    """Note in every environment that a flag has changed."""
    connection.execute(
        update(targetings).where(targetings.c.project == project, targetings.c.flag == key),
        {"changed_at": now},
    )


def joined() -> Select[*tuple[Any, ...]]:
    """Return the query of flags with their targeting in each environment."""
    same = and_(flags.c.project == targetings.c.project, flags.c.key == targetings.c.flag)
    return select(*_JOINED).join_from(flags, targetings, same)


def joined_in(environment: str) -> Select[*tuple[Any, ...]]:
    """
    Return the query of flags with their targeting in one environment.

    That a targeting is of the same project goes without saying. Saying it misleads PostgreSQL,
    which takes an environment and its project for independent and expects a tenth of the rows.
    """
    project, _, _ = environment.partition("/")
    return (
        select(*_JOINED)
        .join_from(flags, targetings, flags.c.key == targetings.c.flag)
        .where(flags.c.project == project, targetings.c.environment == environment)
    )


def _is_flag(project: str, key: str) -> Any:
    return and_(flags.c.project == project, flags.c.key == key)
