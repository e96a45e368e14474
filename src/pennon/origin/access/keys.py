"""Creates, reads and changes environment keys, which every edge learns of through `$access`."""

from __future__ import annotations

from typing import Final

from msgspec.structs import asdict
from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict, Fault, NotFound
from pennon.model.access import AccessKey, format_key, hash_key, mask_key
from pennon.model.position import ACCESS
from pennon.origin.access import queries
from pennon.origin.access.schemas import CreatedKey, KeyPage, KeyState, KeyView, NewKey, Rotation
from pennon.origin.access.scopes import decode_scope, encode_scope, milliseconds, time_faults
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.queries import archived_by_name
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.schemas import ListQuery, moment
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags
from pennon.web.permissions import EVERYTHING, Principal

SECRET_BYTES: Final = 32
ID_BYTES: Final = 8
_ELSEWHERE: Final = dict.fromkeys(
    ("id", "kind", "environments", "expiresAt"),
    "cannot be changed; create another key and revoke this one",
)


def create_key(transaction: Transaction, new: NewKey, author: Author) -> CreatedKey:
    """
    Create a key and return it with its secret, which is kept nowhere.

    Raises BadInput, and Forbidden to who does not administer its environment; a relay key is for
    the installation's machines, however few environments it names.
    """
    transaction.lock([ACCESS])
    for name in (EVERYTHING,) if new.kind == "relay" else new.environments:
        author.principal.require("admin", name)
    _check(transaction.connection, new, transaction.now)
    return _add(transaction, new, author)


def rotate_key(transaction: Transaction, key: str, asked: Rotation, author: Author) -> CreatedKey:
    """
    Create a key like another, which goes on for a while and then expires, on every edge at once.

    What the old one was for is not checked again: it may be rotated while its environment is
    archived. Raises NotFound, Forbidden, and Conflict when the old one no longer works.
    """
    connection = transaction.connection
    transaction.lock([ACCESS])
    old = _require(connection, key, author.principal)
    if old.revoked or (old.expires_at is not None and old.expires_at <= transaction.now):
        raise Conflict("The key is revoked or expired. Create another key.")
    before = _view(old)
    end = transaction.now + 1000 * asked.overlap_seconds
    if old.expires_at is None or end < old.expires_at:
        queries.change_key(connection, key, {"expires_at": end, "updated_at": transaction.now})
    old = _require(connection, key, author.principal)
    _publish(transaction, old)
    created = _add(
        transaction,
        NewKey(kind=old.kind, environments=before.environments, name=old.name),
        author,
    )
    record(
        transaction,
        author,
        INSTALLATION_CHAIN,
        "key.rotated",
        f"key/{key}",
        before=before,
        after=_view(old),
    )
    return created


def _add(transaction: Transaction, new: NewKey, author: Author) -> CreatedKey:
    connection = transaction.connection
    secret = format_key(new.kind, transaction.random(SECRET_BYTES))
    id = transaction.random(ID_BYTES).hex()
    queries.add_key(
        connection,
        {
            "id": id,
            "name": new.name,
            "kind": new.kind,
            "hash": hash_key(secret),
            "hint": mask_key(secret),
            "environments": encode_scope(new.environments),
            "environment": None if new.kind == "relay" else new.environments[0],
            "expires_at": None if new.expires_at is None else milliseconds(new.expires_at),
            "revoked": False,
            "created_at": transaction.now,
            "updated_at": transaction.now,
        },
    )
    row = _require(connection, id, author.principal)
    _publish(transaction, row)
    view = _view(row)
    record(transaction, author, INSTALLATION_CHAIN, "key.created", f"key/{id}", after=view)
    return CreatedKey(secret=secret, **asdict(view))


def find_key(connection: Connection, key: str, reader: Principal) -> KeyView:
    """Return a key by its id. Raises NotFound and Forbidden."""
    return _view(_require(connection, key, reader))


def list_keys(connection: Connection, asked: ListQuery, reader: Principal) -> KeyPage:
    """Return a page of the keys that *reader* administers."""
    found = queries.list_keys(connection, asked, reader.scope_of("admin"))
    rows, following = cut(found, asked, "id")
    return KeyPage(items=tuple(map(_view, rows)), next=following)


def change_key(
    transaction: Transaction, key: str, patch: MergePatch, author: Author, if_match: Tags = ANY
) -> KeyView:
    """
    Rename a key or revoke it, which every edge obeys as soon as the change reaches it.

    Raises NotFound, BadInput, PreconditionFailed, and Conflict for taking a revocation back.
    """
    connection = transaction.connection
    transaction.lock([ACCESS])
    row = _require(connection, key, author.principal)
    before = _view(row)
    if_match.check(before)
    old = KeyState(name=row.name, revoked=row.revoked)
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return before
    if old.revoked and not new.revoked:
        raise Conflict("A revoked key stays revoked. Create another key.")
    values = {"name": new.name, "revoked": new.revoked, "updated_at": transaction.now}
    queries.change_key(connection, key, values)
    row = _require(connection, key, author.principal)
    _publish(transaction, row)
    action = "key.updated" if new.revoked == old.revoked else "key.revoked"
    record(transaction, author, INSTALLATION_CHAIN, action, f"key/{key}", before=old, after=new)
    return _view(row)


def _publish(transaction: Transaction, row: AnyRow) -> None:
    item = AccessKey(
        hash=row.hash,
        kind=row.kind,
        environments=decode_scope(row.environments),
        expires_at=row.expires_at,
        revoked=row.revoked,
    )
    transaction.publish(ACCESS, "key", row.hash, item)


def _check(connection: Connection, new: NewKey, now: int) -> None:
    faults = []
    if new.kind != "relay" and (new.environments == "*" or len(new.environments) != 1):
        faults.append(Fault("$.environments", f"expected one environment for a {new.kind} key"))
    elif not new.environments:
        faults.append(Fault("$.environments", 'expected environments, or "*" for all'))
    if new.environments != "*":
        archived = archived_by_name(connection, new.environments)
        for index, name in enumerate(new.environments):
            path = f"$.environments[{index}]"
            if name not in archived:
                faults.append(Fault(path, f"there is no environment {name!r}"))
            elif archived[name]:
                faults.append(Fault(path, f"{name!r} is archived; bring it back first"))
    faults += time_faults(new.expires_at, now)
    if faults:
        raise BadInput(faults)


def _view(row: AnyRow) -> KeyView:
    return KeyView(
        id=row.id,
        kind=row.kind,
        environments=decode_scope(row.environments),
        name=row.name,
        hint=row.hint,
        revoked=row.revoked,
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )


def _require(connection: Connection, id: str, principal: Principal) -> AnyRow:
    """Return a key's row. Raises NotFound, and Forbidden to who does not administer it."""
    row = queries.find_key(connection, id)
    if row is None:
        raise NotFound("key", id)
    principal.require("admin", row.environment or EVERYTHING)
    return row
