"""Creates, reads and changes environment keys, which every edge learns of through `$access`."""

from __future__ import annotations

from datetime import UTC
from typing import Final, Literal

from msgspec import json
from msgspec.structs import asdict
from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict, Fault, NotFound
from pennon.model.access import AccessKey, format_key, hash_key, mask_key
from pennon.model.position import ACCESS
from pennon.origin.access import queries
from pennon.origin.access.schemas import CreatedKey, KeyPage, KeyState, KeyView, NewKey
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

SECRET_BYTES: Final = 32
ID_BYTES: Final = 8
_ELSEWHERE: Final = dict.fromkeys(
    ("id", "kind", "environments", "expiresAt"),
    "cannot be changed; create another key and revoke this one",
)
_granted: Final = json.Decoder(tuple[str, ...] | Literal["*"])


def create_key(transaction: Transaction, new: NewKey, author: Author) -> CreatedKey:
    """Create a key and return it with its secret, which is kept nowhere. Raises BadInput."""
    connection = transaction.connection
    transaction.lock([ACCESS])
    _check(connection, new)
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
            "environments": json.encode(new.environments),
            "expires_at": _milliseconds(new),
            "revoked": False,
            "created_at": transaction.now,
            "updated_at": transaction.now,
        },
    )
    row = _require(connection, id)
    _publish(transaction, row)
    view = _view(row)
    record(transaction, author, INSTALLATION_CHAIN, "key.created", f"key/{id}", after=view)
    return CreatedKey(secret=secret, **asdict(view))


def find_key(connection: Connection, key: str) -> KeyView:
    """Return a key by its id. Raises NotFound."""
    return _view(_require(connection, key))


def list_keys(connection: Connection, asked: ListQuery) -> KeyPage:
    """Return a page of keys."""
    rows, following = cut(queries.list_keys(connection, asked), asked, "id")
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
    row = _require(connection, key)
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
    row = _require(connection, key)
    _publish(transaction, row)
    action = "key.updated" if new.revoked == old.revoked else "key.revoked"
    record(transaction, author, INSTALLATION_CHAIN, action, f"key/{key}", before=old, after=new)
    return _view(row)


def _publish(transaction: Transaction, row: AnyRow) -> None:
    item = AccessKey(
        hash=row.hash,
        kind=row.kind,
        environments=_environments(row),
        expires_at=row.expires_at,
        revoked=row.revoked,
    )
    transaction.publish(ACCESS, "key", row.hash, item)


def _check(connection: Connection, new: NewKey) -> None:
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
    if new.expires_at is not None and new.expires_at.tzinfo is None:
        faults.append(Fault("$.expiresAt", "expected a time with its offset from UTC"))
    if faults:
        raise BadInput(faults)


def _milliseconds(new: NewKey) -> int | None:
    if new.expires_at is None:
        return None
    return round(new.expires_at.astimezone(UTC).timestamp() * 1000)


def _environments(row: AnyRow) -> tuple[str, ...] | Literal["*"]:
    granted: tuple[str, ...] | Literal["*"] = _granted.decode(row.environments)
    return granted


def _view(row: AnyRow) -> KeyView:
    return KeyView(
        id=row.id,
        kind=row.kind,
        environments=_environments(row),
        name=row.name,
        hint=row.hint,
        revoked=row.revoked,
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )


def _require(connection: Connection, id: str) -> AnyRow:
    row = queries.find_key(connection, id)
    if row is None:
        raise NotFound("key", id)
    return row
