"""The SQL of seen contexts, one statement a function."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import environments, seen_contexts
from pennon.origin.db.upsert import insert_into


def existing(connection: Connection, names: Collection[str]) -> set[str]:
    """Return those of *names* that are environments."""
    found = select(environments.c.environment).where(environments.c.environment.in_(names))
    return set(connection.execute(found).scalars())


def keep(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep contexts in place of what was seen of them before."""
    statement = insert_into(connection, seen_contexts)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["environment", "identity"],
            set_={"at": statement.excluded.at, "document": statement.excluded.document},
            where=seen_contexts.c.at <= statement.excluded.at,
        ),
        rows,
    )


def latest(connection: Connection, environment: str, limit: int) -> Sequence[AnyRow]:
    """Return the contexts that were seen last, the newest first."""
    return connection.execute(
        select(seen_contexts)
        .where(seen_contexts.c.environment == environment)
        .order_by(seen_contexts.c.at.desc(), seen_contexts.c.identity)
        .limit(limit)
    ).all()


def forget_all_but(connection: Connection, environment: str, most: int) -> None:
    """Keep only the newest contexts of an environment."""
    oldest = (
        select(seen_contexts.c.at)
        .where(seen_contexts.c.environment == environment)
        .order_by(seen_contexts.c.at.desc())
        .offset(most - 1)
        .limit(1)
        .scalar_subquery()
    )
    connection.execute(
        delete(seen_contexts).where(
            seen_contexts.c.environment == environment, seen_contexts.c.at < oldest
        )
    )


def forget_before(connection: Connection, time: int) -> None:
    """Forget the contexts that were last seen before a time."""
    connection.execute(delete(seen_contexts).where(seen_contexts.c.at < time))
