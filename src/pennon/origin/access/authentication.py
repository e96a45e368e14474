"""Recognises who uses the management API: by the token of the request, else by its session."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request

from pennon.errors import Unauthenticated
from pennon.model.access import hash_key, kind_of_key
from pennon.origin.access import queries
from pennon.origin.access.scopes import decode_scope
from pennon.origin.db.rows import AnyRow
from pennon.origin.services import Origin
from pennon.origin.users import sessions
from pennon.origin.users.cookies import check_same_origin, session_of
from pennon.origin.users.service import decode_grants
from pennon.web.allowance import Allowance
from pennon.web.client_address import neighbourhood
from pennon.web.permissions import Grant, Principal, common

_SCHEME: Final = "bearer "
_HOUR_MS: Final = 60 * 60 * 1000
_INVALID: Final = "The token is unknown, expired or revoked."


class Authentication:
    """Answers who makes a request."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._failures = Allowance(30, 1.0, lambda: origin.clock() / 1000)

    async def __call__(self, request: Request) -> Principal:
        """
        Return who makes *request*. Raises Unauthenticated, and Forbidden for another site.

        Wrong tokens and sessions are counted by address; past their allowance the answer is not
        that they are wrong, but to wait. A right one is let in: others may share its address.
        """
        token = presented_token(request.headers)
        session = session_of(request.headers, secure=request.url.scheme == "https")
        try:
            if token is not None:
                return await self._by_token(token)
            if session is not None:
                check_same_origin(request.method, request.headers)
                return await sessions.principal_of(self._origin, session)
        except Unauthenticated:
            self._failures.take(neighbourhood(request.client.host if request.client else ""))
            raise
        raise Unauthenticated(
            "Expected a token in the header 'Authorization: Bearer …', or a session."
        )

    async def _by_token(self, token: str) -> Principal:
        now = self._origin.clock()
        row = await self._origin.read(partial(find_valid_token, token=token, now=now))
        if row.used_at is None or row.used_at <= now - _HOUR_MS:
            await self._note_use(row.id, now)
        return holder(row)

    async def _note_use(self, id: str, now: int) -> None:
        """Say that a token is in use: once an hour, so that a read seldom costs a write."""
        await self._origin.note(
            partial(queries.note_use, id=id, now=now, before=now - _HOUR_MS + 1)
        )


def presented_token(headers: Mapping[str, str]) -> str | None:
    """
    Return the token of ``Authorization: Bearer …``, or None without such a header.

    Raises Unauthenticated when the header is there and holds anything else.
    """
    header = headers.get("authorization")
    if header is None:
        return None
    token = header[len(_SCHEME) :].strip()
    if header[: len(_SCHEME)].lower() != _SCHEME or not token:
        raise Unauthenticated("Expected a token in the header 'Authorization: Bearer …'.")
    return token


def find_valid_token(connection: Connection, token: str, now: int) -> AnyRow:
    """
    Return the row of *token* and of who made it. Raises Unauthenticated.

    The look-up is by hash: how long it takes says nothing of how much of a guess was right.
    """
    kind = kind_of_key(token)
    if kind not in (None, "admin"):
        raise Unauthenticated(f"Expected a token of the management API, got a {kind} key.")
    row = queries.find_token_and_user(connection, hash_key(token)) if kind else None
    if row is None:
        raise Unauthenticated(_INVALID)
    refuse_invalid(row, now)
    return row


def refuse_invalid(row: AnyRow, now: int) -> None:
    """Raise Unauthenticated for a token that opens nothing any more."""
    if row.revoked or (row.expires_at is not None and row.expires_at <= now):
        raise Unauthenticated(_INVALID)
    if row.user_disabled:
        raise Unauthenticated("Who made the token is disabled.")


def holder(row: AnyRow) -> Principal:
    """Return whom a token stands for: what it was granted, as far as its maker may still do it."""
    granted = (Grant(role=row.role, scope=decode_scope(row.scope)),)
    if row.user is None:
        return Principal(row.id, row.name, granted)
    return Principal(
        row.id,
        f"{row.name} ({row.user_name})",
        common(granted, decode_grants(row.user_grants)),
        user=row.user,
    )
