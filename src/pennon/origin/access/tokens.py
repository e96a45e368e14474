"""Admin tokens: what the management API is used with. They never leave the origin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from pennon.errors import Unauthenticated
from pennon.model.access import format_key, hash_key, kind_of_key, mask_key
from pennon.origin.access import queries
from pennon.origin.access.keys import ID_BYTES, SECRET_BYTES
from pennon.origin.access.schemas import AdminTokenText
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.web.endpoint import Principal

_SCHEME: Final = "bearer "


def create_admin_token(transaction: Transaction, name: str, author: Author) -> str:
    """Create an admin token and return it; only its hash is kept."""
    token = format_key("admin", transaction.random(SECRET_BYTES))
    id = transaction.random(ID_BYTES).hex()
    queries.add_token(
        transaction.connection,
        {
            "id": id,
            "name": name,
            "hash": hash_key(token),
            "hint": mask_key(token),
            "created_at": transaction.now,
        },
    )
    text = AdminTokenText(name=name, hint=mask_key(token))
    record(transaction, author, INSTALLATION_CHAIN, "token.created", f"token/{id}", after=text)
    return token


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
    row = queries.find_token(connection, hash_key(token)) if kind else None
    if row is None:
        raise Unauthenticated("The token is unknown or revoked.")
    return Principal(row.id, row.name)
