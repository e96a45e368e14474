"""The history's SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Insert,
    Select,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
)

from pennon.model.messages import ItemKind
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import audit, history


def append(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """
    Add versions, each a row by its columns, at a time that is not before the version before.

    Origins' clocks differ, and a clock may be set back; what was held by a time must not depend
    on it.
    """
    connection.execute(
        _APPEND, [{**row, "now": row["at"], "within": row["environment"]} for row in rows]
    )


def _append() -> Insert:
    now = bindparam("now", type_=BigInteger)
    newest = (
        select(func.max(history.c.at))
        .where(history.c.environment == bindparam("within", type_=history.c.environment.type))
        .scalar_subquery()
    )
    return insert(history).values(at=case((newest > now, newest), else_=now))


_APPEND: Final = _append()


def list_page(
    connection: Connection,
    environment: str,
    kind: ItemKind,
    key: str,
    below: int | None,
    limit: int,
) -> Sequence[AnyRow]:
    """Return versions of an item, newest first, at most *limit*, with who made them and why."""
    query = _told(environment).where(_is_item(environment, kind, key))
    if below is not None:
        query = query.where(history.c.version < below)
    return connection.execute(query.order_by(history.c.version.desc()).limit(limit)).all()


def find(
    connection: Connection, environment: str, kind: ItemKind, key: str, version: int
) -> AnyRow | None:
    """Return what an item was at *version* of its environment, or None before its first."""
    return connection.execute(
        _told(environment)
        .where(_is_item(environment, kind, key), history.c.version <= version)
        .order_by(history.c.version.desc())
        .limit(1)
    ).one_or_none()


def version_at(connection: Connection, environment: str, time: int) -> int | None:
    """Return the newest version that was made by *time*, or None before the first."""
    version: int | None = connection.scalar(
        select(history.c.version)
        .where(history.c.environment == environment, history.c.at <= time)
        .order_by(history.c.at.desc(), history.c.version.desc())
        .limit(1)
    )
    return version


def find_moment(connection: Connection, environment: str, version: int) -> AnyRow | None:
    """Return the epoch and the time of a version of an environment."""
    return connection.execute(
        select(history.c.epoch, history.c.at).where(
            history.c.environment == environment, history.c.version == version
        )
    ).one_or_none()


def read_items(connection: Connection, environment: str, version: int) -> Sequence[AnyRow]:
    """Return every item that was published when *environment* stood at *version*."""
    newest = (
        select(func.max(history.c.version).label("version"))
        .where(history.c.environment == environment, history.c.version <= version)
        .group_by(history.c.kind, history.c.key)
        .subquery()
    )
    return connection.execute(
        select(history.c.kind, history.c.key, history.c.data)
        .join_from(newest, history, history.c.version == newest.c.version)
        .where(history.c.environment == environment, history.c.data.is_not(None))
        .order_by(history.c.kind, history.c.key)
    ).all()


def _told(environment: str) -> Select[*tuple[Any, ...]]:
    """Select versions joined with the audit record of each, on the chain of its project."""
    project, _, _ = environment.partition("/")
    return select(
        history.c.version,
        history.c.data,
        history.c.at,
        audit.c.actor,
        audit.c.actor_name,
        audit.c.action,
        audit.c.comment,
        audit.c.summary,
    ).join_from(
        history,
        audit,
        and_(audit.c.chain == project, audit.c.sequence == history.c.record),
        isouter=True,
    )


def _is_item(environment: str, kind: ItemKind, key: str) -> ColumnElement[bool]:
    return and_(history.c.environment == environment, history.c.kind == kind, history.c.key == key)
