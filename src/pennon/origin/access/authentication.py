"""Recognises who uses the management API by the admin token of the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from pennon.errors import Unauthenticated
from pennon.model.access import hash_key, kind_of_key
from pennon.origin.access import queries
from pennon.web.endpoint import Principal

_SCHEME: Final = "bearer "


def presented_token(headers: Mapping[str, str]) -> str:
    """Return the token of ``Authorization: Bearer …``. Raises Unauthenticated."""
    header = headers.get("authorization", "")
    token = header[len(_SCHEME) :].strip()
    if header[: len(_SCHEME)].lower() != _SCHEME or not token:
        raise Unauthenticated("Expected an admin token in the header 'Authorization: Bearer …'.")
    return token


def principal_of(connection: Connection, token: str) -> Principal:
    """
    Return who holds *token*. Raises Unauthenticated.

    The look-up is by hash: how long it takes says nothing of how much of a guess was right.
    """
    kind = kind_of_key(token)
    if kind not in (None, "admin"):
        raise Unauthenticated(f"Expected an admin token, got a {kind} key.")
    row = queries.find_token_by_hash(connection, hash_key(token)) if kind else None
    if row is None or row.revoked:
        raise Unauthenticated("The token is unknown or revoked.")
    return Principal(row.id, row.name)
