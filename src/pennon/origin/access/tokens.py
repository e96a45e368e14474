"""
Creates, reads and revokes tokens: what the management API is used with.

They never leave the origin. One that administers everything always works: who revoked the last
could not undo anything.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import asdict
from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict, NotFound
from pennon.model.access import format_key, hash_key, mask_key
from pennon.origin.access import queries
from pennon.origin.access.keys import ID_BYTES, SECRET_BYTES
from pennon.origin.access.schemas import CreatedToken, NewToken, TokenPage, TokenState, TokenView
from pennon.origin.access.scopes import (
    decode_scope,
    encode_scope,
    milliseconds,
    scope_faults,
    time_faults,
)
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.db.rows import AnyRow
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.schemas import ListQuery, moment
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags

_ELSEWHERE: Final = dict.fromkeys(
    ("id", "role", "scope", "expiresAt"),
    "cannot be changed; create another token and revoke this one",
)


def create_token(transaction: Transaction, new: NewToken, author: Author) -> CreatedToken:
    """Create a token and return it with its secret, which is kept nowhere. Raises BadInput."""
    connection = transaction.connection
    faults = [
        *scope_faults(connection, new.scope, "$.scope"),
        *time_faults(new.expires_at, transaction.now),
    ]
    if faults:
        raise BadInput(faults)
    secret = format_key("admin", transaction.random(SECRET_BYTES))
    id = transaction.random(ID_BYTES).hex()
    queries.add_token(
        connection,
        {
            "id": id,
            "name": new.name,
            "hash": hash_key(secret),
            "hint": mask_key(secret),
            "user": author.principal.user,
            "role": new.role,
            "scope": encode_scope(new.scope),
            "expires_at": None if new.expires_at is None else milliseconds(new.expires_at),
            "used_at": None,
            "revoked": False,
            "created_at": transaction.now,
            "updated_at": transaction.now,
        },
    )
    view = find_token(connection, id)
    record(transaction, author, INSTALLATION_CHAIN, "token.created", f"token/{id}", after=view)
    return CreatedToken(secret=secret, **asdict(view))


def find_token(connection: Connection, token: str) -> TokenView:
    """Return a token by its id. Raises NotFound."""
    return _view(_require(connection, token))


def list_tokens(connection: Connection, asked: ListQuery) -> TokenPage:
    """Return a page of tokens."""
    rows, following = cut(queries.list_tokens(connection, asked), asked, "id")
    return TokenPage(items=tuple(map(_view, rows)), next=following)


def change_token(
    transaction: Transaction, token: str, patch: MergePatch, author: Author, if_match: Tags = ANY
) -> TokenView:
    """
    Rename a token, or revoke it, which holds from the next request on.

    Raises NotFound, BadInput, PreconditionFailed, and Conflict for revoking the last one that
    administers everything or for taking a revocation back.
    """
    connection = transaction.connection
    lasting = queries.lock_lasting_admins(connection)
    row = _require(connection, token)
    before = _view(row)
    if_match.check(before)
    old = TokenState(name=row.name, revoked=row.revoked)
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return before
    if old.revoked and not new.revoked:
        raise Conflict("A revoked token stays revoked. Create another token.")
    if new.revoked and list(lasting) == [token]:
        raise Conflict(
            "It is the last token that administers everything, without an end and whoever leaves. "
            "Create another one with it first."
        )
    values = {**asdict(new), "updated_at": transaction.now}
    queries.change_token(connection, token, values)
    action = "token.updated" if new.revoked == old.revoked else "token.revoked"
    record(transaction, author, INSTALLATION_CHAIN, action, f"token/{token}", before=old, after=new)
    return find_token(connection, token)


def _view(row: AnyRow) -> TokenView:
    return TokenView(
        id=row.id,
        name=row.name,
        hint=row.hint,
        user=row.user,
        role=row.role,
        scope=decode_scope(row.scope),
        revoked=row.revoked,
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        used_at=None if row.used_at is None else moment(row.used_at),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )


def _require(connection: Connection, id: str) -> AnyRow:
    row = queries.find_token(connection, id)
    if row is None:
        raise NotFound("token", id)
    return row
