"""Recognises who uses the management API by the token of the request."""

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
from pennon.web.permissions import Grant, Principal

_SCHEME: Final = "bearer "
_HOUR_MS: Final = 60 * 60 * 1000


class Authentication:
    """Answers who makes a request."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin

    async def __call__(self, request: Request) -> Principal:
        """Return who makes *request*. Raises Unauthenticated."""
        token = presented_token(request.headers)
        now = self._origin.clock()
        row = await self._origin.read(partial(find_valid_token, token=token, now=now))
        if row.used_at is None or row.used_at <= now - _HOUR_MS:
            await self._note_use(row.id, now)
        return Principal(row.id, row.name, (Grant(role=row.role, scope=decode_scope(row.scope)),))

    async def _note_use(self, id: str, now: int) -> None:
        """Say that a token is in use: once an hour, so that a read seldom costs a write."""
        await self._origin.database.write(
            partial(queries.note_use, id=id, now=now, before=now - _HOUR_MS + 1)
        )


def presented_token(headers: Mapping[str, str]) -> str:
    """Return the token of ``Authorization: Bearer …``. Raises Unauthenticated."""
    header = headers.get("authorization", "")
    token = header[len(_SCHEME) :].strip()
    if header[: len(_SCHEME)].lower() != _SCHEME or not token:
        raise Unauthenticated("Expected a token in the header 'Authorization: Bearer …'.")
    return token


def find_valid_token(connection: Connection, token: str, now: int) -> AnyRow:
    """
    Return the row of *token*. Raises Unauthenticated.

    The look-up is by hash: how long it takes says nothing of how much of a guess was right.
    """
    kind = kind_of_key(token)
    if kind not in (None, "admin"):
        raise Unauthenticated(f"Expected a token of the management API, got a {kind} key.")
    row = queries.find_token_by_hash(connection, hash_key(token)) if kind else None
    if row is None or row.revoked or (row.expires_at is not None and row.expires_at <= now):
        raise Unauthenticated("The token is unknown, expired or revoked.")
    return row
