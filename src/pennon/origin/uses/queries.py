"""The SQL of who uses what, one statement a function."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, and_, delete, insert, select

from pennon.model.messages import ItemId, ItemKind
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import items, uses


def forget(connection: Connection, environment: str, kind: ItemKind, key: str) -> None:
    """Remove what an item uses."""
    connection.execute(
        delete(uses).where(
            uses.c.environment == environment, uses.c.user_kind == kind, uses.c.user_key == key
        )
    )


def remember(
    connection: Connection, environment: str, kind: ItemKind, key: str, used: Iterable[ItemId]
) -> None:
    """Add what an item uses."""
    rows = [
        {
            "environment": environment,
            "user_kind": kind,
            "user_key": key,
            "used_kind": used_kind,
            "used_key": used_key,
        }
        for used_kind, used_key in sorted(used)
    ]
    if rows:
        connection.execute(insert(uses), rows)


def users_of(
    connection: Connection, environments: Collection[str], kind: ItemKind, key: str
) -> Sequence[AnyRow]:
    """Return the published items that use one, with their bytes, in a steady order."""
    return connection.execute(
        select(items.c.environment, items.c.kind, items.c.key, items.c.data)
        .join_from(
            uses,
            items,
            and_(
                uses.c.environment == items.c.environment,
                uses.c.user_kind == items.c.kind,
                uses.c.user_key == items.c.key,
            ),
        )
        .where(
            uses.c.environment.in_(environments),
            uses.c.used_kind == kind,
            uses.c.used_key == key,
        )
        .order_by(items.c.environment, items.c.kind, items.c.key)
    ).all()


def published(
    connection: Connection, environment: str, kind: ItemKind, keys: Collection[str]
) -> Sequence[AnyRow]:
    """Return the named items that are published, with their bytes."""
    return connection.execute(
        select(items.c.key, items.c.data).where(
            items.c.environment == environment, items.c.kind == kind, items.c.key.in_(keys)
        )
    ).all()
