"""The users' and sessions' SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import sessions, users
from pennon.origin.paging import after_cursor, mention
from pennon.origin.schemas import ListQuery


def find_user(connection: Connection, id: str) -> AnyRow | None:
    """Return a user."""
    return connection.execute(select(users).where(users.c.id == id)).one_or_none()


def find_user_by_name(connection: Connection, name: str) -> AnyRow | None:
    """Return the user with a name."""
    return connection.execute(select(users).where(users.c.name == name)).one_or_none()


def lock_user(connection: Connection, id: str) -> AnyRow | None:
    """Lock a user and return it."""
    return connection.execute(select(users).where(users.c.id == id).with_for_update()).one_or_none()


def list_users(connection: Connection, asked: ListQuery) -> Sequence[AnyRow]:
    """Return a page of users and one more."""
    query = select(users)
    if asked.q is not None:
        query = query.where(mention(asked.q, users.c.name, users.c.full_name))
    return connection.execute(after_cursor(query, users.c.name, asked)).all()


def add_user(connection: Connection, values: dict[str, Any]) -> None:
    """Add a user."""
    connection.execute(insert(users).values(values))


def change_user(connection: Connection, id: str, values: dict[str, Any]) -> None:
    """Change a user."""
    connection.execute(update(users).where(users.c.id == id).values(values))


def add_session(connection: Connection, hash: str, user: str, now: int) -> None:
    """Add a session that begins now."""
    connection.execute(insert(sessions).values(hash=hash, user=user, created_at=now, seen_at=now))


def find_session(connection: Connection, hash: str) -> AnyRow | None:
    """Return a session with its user's name, grants and whether they are disabled."""
    return connection.execute(
        select(sessions, users.c.name, users.c.grants, users.c.disabled)
        .join_from(sessions, users, sessions.c.user == users.c.id)
        .where(sessions.c.hash == hash)
    ).one_or_none()


def note_seen(connection: Connection, hash: str, now: int) -> None:
    """Say that a session is in use."""
    connection.execute(update(sessions).where(sessions.c.hash == hash).values(seen_at=now))


def end_session(connection: Connection, hash: str) -> None:
    """Remove a session."""
    connection.execute(delete(sessions).where(sessions.c.hash == hash))


def end_sessions_of(connection: Connection, user: str) -> None:
    """Remove every session of a user."""
    connection.execute(delete(sessions).where(sessions.c.user == user))


def end_old_sessions(connection: Connection, created_before: int, seen_before: int) -> None:
    """Remove the sessions that have expired."""
    connection.execute(
        delete(sessions).where(
            or_(sessions.c.created_at <= created_before, sessions.c.seen_at <= seen_before)
        )
    )
