"""Creates, reads and changes users. Whatever changes what one may do ends one's sessions."""

from __future__ import annotations

from typing import Final

from msgspec import json
from sqlalchemy import Connection

from pennon.errors import AlreadyExists, BadInput, NotFound
from pennon.origin.access.keys import ID_BYTES
from pennon.origin.access.scopes import scope_faults
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.db.rows import AnyRow
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.schemas import ListQuery, moment
from pennon.origin.users import queries
from pennon.origin.users.schemas import NewUser, UserPage, UserState, UserView
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags
from pennon.web.permissions import Grant

_ELSEWHERE: Final = {
    "name": "cannot be changed; the audit log knows the user by it",
    "password": "is set at /password, below this address",
}
_grants: Final = json.Decoder(tuple[Grant, ...])


def create(transaction: Transaction, new: NewUser, hashed: str, author: Author) -> UserView:
    """Create a user whose password has been *hashed*. Raises BadInput and AlreadyExists."""
    connection = transaction.connection
    _check(connection, new.grants)
    if queries.find_user_by_name(connection, new.name) is not None:
        raise AlreadyExists("user", new.name)
    id = transaction.random(ID_BYTES).hex()
    queries.add_user(
        connection,
        {
            "id": id,
            "name": new.name,
            "full_name": new.full_name,
            "password": hashed,
            "grants": json.encode(new.grants),
            "disabled": False,
            "created_at": transaction.now,
            "updated_at": transaction.now,
        },
    )
    view = find(connection, id)
    record(transaction, author, INSTALLATION_CHAIN, "user.created", f"user/{id}", after=view)
    return view


def find(connection: Connection, user: str) -> UserView:
    """Return a user by id. Raises NotFound."""
    return _view(_known(queries.find_user(connection, user), user))


def list_users(connection: Connection, asked: ListQuery) -> UserPage:
    """Return a page of users."""
    rows, following = cut(queries.list_users(connection, asked), asked, "name")
    return UserPage(items=tuple(map(_view, rows)), next=following)


def change(
    transaction: Transaction, user: str, patch: MergePatch, author: Author, if_match: Tags = ANY
) -> UserView:
    """
    Change what a user may do, or disable them. Raises NotFound, BadInput and PreconditionFailed.

    Their sessions end, so that nothing goes on under what they had before.
    """
    connection = transaction.connection
    row = _known(queries.lock_user(connection, user), user)
    before = _view(row)
    if_match.check(before)
    old = UserState(full_name=row.full_name, grants=before.grants, disabled=row.disabled)
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return before
    if new.grants != old.grants:
        _check(connection, new.grants)
    queries.change_user(
        connection,
        user,
        {
            "full_name": new.full_name,
            "grants": json.encode(new.grants),
            "disabled": new.disabled,
            "updated_at": transaction.now,
        },
    )
    if (new.grants, new.disabled) != (old.grants, old.disabled):
        queries.end_sessions_of(connection, user)
    record(
        transaction,
        author,
        INSTALLATION_CHAIN,
        _action(old, new),
        f"user/{user}",
        before=old,
        after=new,
    )
    return find(connection, user)


def set_password(transaction: Transaction, user: str, hashed: str, author: Author) -> UserView:
    """Keep another password and end every session of the user. Raises NotFound."""
    connection = transaction.connection
    view = _view(_known(queries.lock_user(connection, user), user))
    values = {"password": hashed, "updated_at": transaction.now}
    queries.change_user(connection, user, values)
    queries.end_sessions_of(connection, user)
    record(transaction, author, INSTALLATION_CHAIN, "user.password_changed", f"user/{user}")
    return find(connection, view.id)


def decode_grants(data: bytes) -> tuple[Grant, ...]:
    """Return the grants that were kept as *data*."""
    return _grants.decode(data)


def _check(connection: Connection, grants: tuple[Grant, ...]) -> None:
    faults = [
        fault
        for index, grant in enumerate(grants)
        for fault in scope_faults(connection, grant.scope, f"$.grants[{index}].scope")
    ]
    if faults:
        raise BadInput(faults)


def _action(old: UserState, new: UserState) -> str:
    if old.disabled == new.disabled:
        return "user.updated"
    return "user.disabled" if new.disabled else "user.enabled"


def _view(row: AnyRow) -> UserView:
    return UserView(
        id=row.id,
        name=row.name,
        full_name=row.full_name,
        grants=decode_grants(row.grants),
        disabled=row.disabled,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )


def _known(row: AnyRow | None, id: str) -> AnyRow:
    if row is None:
        raise NotFound("user", id)
    return row
