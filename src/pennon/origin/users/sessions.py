"""
Sessions: begun with a password, kept as a hash, ended by time, by their user or an administrator.

A session is 256 random bits in a cookie; the database has only their SHA-256. It ends when it was
not used for 8 hours, and after 7 days in any case.
"""

from __future__ import annotations

from functools import partial
from secrets import token_urlsafe
from typing import Final

from sqlalchemy import Connection

from pennon.errors import BadInput, Forbidden, Unauthenticated
from pennon.model.access import hash_key
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.db.rows import AnyRow
from pennon.origin.services import Origin
from pennon.origin.users import queries
from pennon.origin.users.passwords import Passwords, is_outdated
from pennon.origin.users.schemas import Credentials, PasswordChange
from pennon.origin.users.service import decode_grants, set_password
from pennon.web.permissions import Principal

_MINUTE_MS: Final = 60 * 1000
IDLE_MS: Final = 8 * 60 * _MINUTE_MS
LONGEST_MS: Final = 7 * 24 * 60 * _MINUTE_MS
_SEEN_MS: Final = 5 * _MINUTE_MS
_SECRET_BYTES: Final = 32


async def sign_in(
    origin: Origin, passwords: Passwords, given: Credentials, held: str | None, address: str
) -> tuple[str, Principal]:
    """
    Return the secret of a new session, and whose it is. Raises Unauthenticated.

    The session that the browser *held* ends: what somebody may have planted there is worth
    nothing. Unknown, disabled and a wrong password are one answer that takes one time.
    """
    name = given.name.lower()
    user = await origin.read(partial(queries.find_user_by_name, name=name))
    right = await passwords.verify(None if user is None else user.password, given.password)
    if user is None or not right or user.disabled:
        raise Unauthenticated("The name or the password is wrong.")
    hashed = await passwords.hash(given.password) if is_outdated(user.password) else None
    return await origin.write(partial(_begin, user=user, hashed=hashed, held=held, address=address))


async def principal_of(origin: Origin, secret: str) -> Principal:
    """Return whose session *secret* is. Raises Unauthenticated when it has ended."""
    now = origin.clock()
    row = await origin.read(partial(queries.find_session, hash=hash_key(secret)))
    if (
        row is None
        or row.disabled
        or row.created_at <= now - LONGEST_MS
        or row.seen_at <= now - IDLE_MS
    ):
        raise Unauthenticated("The session has ended. Sign in again.")
    if row.seen_at <= now - _SEEN_MS:
        await origin.note(partial(queries.note_seen, hash=row.hash, now=now))
    return _principal(row.user, row)


async def sign_out(origin: Origin, secret: str | None) -> None:
    """End a session."""
    if secret is not None:
        await origin.database.write(partial(queries.end_session, hash=hash_key(secret)))


async def change_password(
    origin: Origin, passwords: Passwords, given: PasswordChange, author: Author
) -> str:
    """
    Change one's own password and return the secret of a new session; every other one ends.

    Raises Forbidden to a token, and BadInput when the present password is wrong.
    """
    id = author.principal.user
    user = None if id is None else await origin.read(partial(queries.find_user, id=id))
    if user is None or user.id != author.principal.id:
        raise Forbidden("Only who is signed in can change their own password.")
    if not await passwords.verify(user.password, given.current):
        raise BadInput.at("$.current", "is not the present password")
    hashed = await passwords.hash(given.password)

    def change(transaction: Transaction) -> str:
        set_password(transaction, user.id, hashed, author)
        return _add(transaction, user.id)

    return await origin.write(change)


def _begin(
    transaction: Transaction, user: AnyRow, hashed: str | None, held: str | None, address: str
) -> tuple[str, Principal]:
    connection = transaction.connection
    _end_old(connection, transaction.now)
    if held is not None:
        queries.end_session(connection, hash_key(held))
    current = queries.lock_user(connection, user.id)
    if current is None or current.disabled or current.password != user.password:
        raise Unauthenticated("The name or the password is wrong.")
    if hashed is not None:
        queries.change_user(connection, user.id, {"password": hashed})
    principal = _principal(user.id, current)
    author = Author(principal, address)
    record(transaction, author, INSTALLATION_CHAIN, "session.began", f"user/{user.id}")
    return _add(transaction, user.id), principal


def _add(transaction: Transaction, user: str) -> str:
    secret = token_urlsafe(_SECRET_BYTES)
    queries.add_session(transaction.connection, hash_key(secret), user, transaction.now)
    return secret


def _end_old(connection: Connection, now: int) -> None:
    queries.end_old_sessions(connection, now - LONGEST_MS, now - IDLE_MS)


def _principal(id: str, row: AnyRow) -> Principal:
    return Principal(id, row.name, decode_grants(row.grants), user=id)
