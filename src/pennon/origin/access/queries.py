"""The keys' and tokens' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, insert, or_, select, update

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import keys, tokens, users
from pennon.origin.paging import after_cursor, mention, within
from pennon.origin.schemas import ListQuery
from pennon.web.permissions import Scope

EVERYTHING_JSON: Final = b'"*"'
"""The scope of everything, as it is kept."""


def find_key(connection: Connection, id: str) -> AnyRow | None:
    """Return an environment key."""
    return connection.execute(select(keys).where(keys.c.id == id)).one_or_none()


def list_keys(connection: Connection, asked: ListQuery, scope: Scope) -> Sequence[AnyRow]:
    """Return a page of the environment keys within *scope*, and one more."""
    query = select(keys)
    if scope != "*":
        query = query.where(within(scope, keys.c.environment))
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
    """Return a token."""
    return connection.execute(select(tokens).where(tokens.c.id == id)).one_or_none()


def find_token_by_hash(connection: Connection, hash: str) -> AnyRow | None:
    """Return the token with a hash."""
    return connection.execute(select(tokens).where(tokens.c.hash == hash)).one_or_none()


def find_token_and_user(connection: Connection, hash: str) -> AnyRow | None:
    """Return the token with a hash, with the name, grants and state of who made it."""
    return connection.execute(_with_user().where(tokens.c.hash == hash)).one_or_none()


def find_token_and_user_by_id(connection: Connection, id: str) -> AnyRow | None:
    """Return the token with an id, with the name, grants and state of who made it."""
    return connection.execute(_with_user().where(tokens.c.id == id)).one_or_none()


def list_tokens(connection: Connection, asked: ListQuery) -> Sequence[AnyRow]:
    """Return a page of tokens and one more."""
    query = select(tokens)
    if asked.q is not None:
        columns = (tokens.c.id, tokens.c.name, tokens.c.hint)
        query = query.where(mention(asked.q, *columns))
    return connection.execute(after_cursor(query, tokens.c.id, asked)).all()


def lock_lasting_admins(connection: Connection) -> Sequence[str]:
    """
    Lock the tokens that administer everything, for good and for nobody, and return their ids.

    In a steady order, so that two revocations never wait for each other.
    """
    return (
        connection.execute(
            select(tokens.c.id)
            .where(
                tokens.c.revoked.is_(False),
                tokens.c.role == "admin",
                tokens.c.scope == EVERYTHING_JSON,
                tokens.c.expires_at.is_(None),
                tokens.c.user.is_(None),
            )
            .order_by(tokens.c.id)
            .with_for_update()
        )
        .scalars()
        .all()
    )


def note_use(connection: Connection, id: str, now: int, before: int) -> None:
    """Say that a token is in use, unless that was said since *before*."""
    connection.execute(
        update(tokens)
        .where(tokens.c.id == id, or_(tokens.c.used_at.is_(None), tokens.c.used_at < before))
        .values(used_at=now)
    )


def add_token(connection: Connection, values: dict[str, Any]) -> None:
    """Add a token."""
    connection.execute(insert(tokens).values(values))


def change_token(connection: Connection, id: str, values: dict[str, Any]) -> None:
    """Change a token."""
    connection.execute(update(tokens).where(tokens.c.id == id).values(values))


def _with_user() -> Select[*tuple[Any, ...]]:
    return select(
        tokens,
        users.c.name.label("user_name"),
        users.c.grants.label("user_grants"),
        users.c.disabled.label("user_disabled"),
    ).join_from(tokens, users, tokens.c.user == users.c.id, isouter=True)
