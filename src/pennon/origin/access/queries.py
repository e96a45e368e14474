"""The keys' and tokens' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import admin_tokens, keys
from pennon.origin.paging import after_cursor, mention
from pennon.origin.schemas import ListQuery


def find_key(connection: Connection, id: str) -> AnyRow | None:
    """Return an environment key."""
    return connection.execute(select(keys).where(keys.c.id == id)).one_or_none()


def list_keys(connection: Connection, asked: ListQuery) -> Sequence[AnyRow]:
    """Return a page of environment keys and one more."""
    query = select(keys)
    if asked.q is not None:
        query = query.where(mention(asked.q, keys.c.id, keys.c.name, keys.c.hint))
    return connection.execute(after_cursor(query, keys.c.id, asked)).all()


def add_key(connection: Connection, values: dict[str, Any]) -> None:
    """Add an environment key."""
    connection.execute(insert(keys).values(values))


def change_key(connection: Connection, id: str, values: dict[str, Any]) -> None:
    """Change an environment key."""
    connection.execute(update(keys).where(keys.c.id == id).values(values))


def find_token(connection: Connection, id: str) -> AnyRow | None:
    """Return an admin token."""
    return connection.execute(select(admin_tokens).where(admin_tokens.c.id == id)).one_or_none()


def find_token_by_hash(connection: Connection, hash: str) -> AnyRow | None:
    """Return the admin token with a hash."""
    return connection.execute(select(admin_tokens).where(admin_tokens.c.hash == hash)).one_or_none()


def list_tokens(connection: Connection, asked: ListQuery) -> Sequence[AnyRow]:
    """Return a page of admin tokens and one more."""
    query = select(admin_tokens)
    if asked.q is not None:
        columns = (admin_tokens.c.id, admin_tokens.c.name, admin_tokens.c.hint)
        query = query.where(mention(asked.q, *columns))
    return connection.execute(after_cursor(query, admin_tokens.c.id, asked)).all()


def lock_valid_tokens(connection: Connection) -> Sequence[str]:
    """Lock the admin tokens that are not revoked, in a steady order, and return their ids."""
    return (
        connection.execute(
            select(admin_tokens.c.id)
            .where(admin_tokens.c.revoked.is_(False))
            .order_by(admin_tokens.c.id)
            .with_for_update()
        )
        .scalars()
        .all()
    )


def add_token(connection: Connection, values: dict[str, Any]) -> None:
    """Add an admin token."""
    connection.execute(insert(admin_tokens).values(values))


def change_token(connection: Connection, id: str, values: dict[str, Any]) -> None:
    """Change an admin token."""
    connection.execute(update(admin_tokens).where(admin_tokens.c.id == id).values(values))
