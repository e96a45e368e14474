"""Reads the history: the versions of a flag or a segment, one of them, what is different in two."""

from __future__ import annotations

from msgspec import UNSET, Raw, json
from sqlalchemy import Connection

from pennon.errors import NotFound
from pennon.model.messages import ItemKind
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.queries import require_environment
from pennon.origin.flags import queries as flags
from pennon.origin.history import queries
from pennon.origin.history.items import changed_fields, different
from pennon.origin.history.schemas import (
    By,
    Diff,
    DiffQuery,
    VersionEntry,
    VersionPage,
    VersionsQuery,
    VersionView,
)
from pennon.origin.paging import cut, decode_number
from pennon.origin.schemas import full_name, moment
from pennon.origin.segments import queries as segments


def list_versions(
    connection: Connection,
    project: str,
    environment: str,
    kind: ItemKind,
    key: str,
    asked: VersionsQuery,
) -> VersionPage:
    """Return a page of an item's versions, newest first. Raises NotFound and BadInput."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    below = None if asked.cursor is None else decode_number(asked.cursor)
    rows = queries.list_page(connection, name, kind, key, below, asked.limit + 1)
    if not rows:
        _require_item(connection, project, kind, key)
    page, following = cut(rows, asked, "version")
    older = [*rows[1:], None]
    entries = (_entry(kind, row, before) for row, before in zip(page, older, strict=False))
    return VersionPage(items=tuple(entries), next=following)


def find_version(
    connection: Connection, project: str, environment: str, kind: ItemKind, key: str, version: int
) -> VersionView:
    """Return what an item was at a version of its environment. Raises NotFound."""
    row = require_version(connection, project, environment, kind, key, version)
    entry = _entry(kind, row, _before(connection, project, environment, kind, key, row))
    fields = {name: getattr(entry, name) for name in entry.__struct_fields__}
    return VersionView(item=Raw(row.data or b"null"), **fields)


def diff(
    connection: Connection,
    project: str,
    environment: str,
    kind: ItemKind,
    key: str,
    asked: DiffQuery,
) -> Diff:
    """Return what is different between two versions of an item. Raises NotFound."""
    to = require_version(connection, project, environment, kind, key, asked.to)
    if asked.from_ is None:
        start = _before(connection, project, environment, kind, key, to)
    else:
        start = require_version(connection, project, environment, kind, key, asked.from_)
    return Diff(
        from_=start.version if start else UNSET,
        to=to.version,
        items=different(kind, start.data if start else None, to.data),
    )


def require_version(
    connection: Connection,
    project: str,
    environment: str,
    kind: ItemKind,
    key: str,
    version: int | None,
) -> AnyRow:
    """
    Return what an item was at a version of its environment, by default the newest.

    Raises NotFound before the item's first version, and for one still to come.
    """
    head: int = require_environment(connection, project, environment).version
    wanted = head if version is None else version
    if wanted > head:
        raise NotFound("version", str(wanted))
    row = queries.find(connection, full_name(project, environment), kind, key, wanted)
    if row is None:
        raise NotFound(kind, key if version is None else f"{key} at version {version}")
    return row


def _before(
    connection: Connection, project: str, environment: str, kind: ItemKind, key: str, row: AnyRow
) -> AnyRow | None:
    name = full_name(project, environment)
    return queries.find(connection, name, kind, key, row.version - 1)


def _entry(kind: ItemKind, row: AnyRow, before: AnyRow | None) -> VersionEntry:
    return VersionEntry(
        version=row.version,
        at=moment(row.at),
        by=row.actor and By(id=row.actor, name=row.actor_name),
        action=row.action,
        comment=row.comment,
        summary=json.decode(row.summary or b"[]", type=tuple[str, ...]),
        changed=changed_fields(kind, before.data if before else None, row.data),
        deleted=row.data is None,
    )


def _require_item(connection: Connection, project: str, kind: ItemKind, key: str) -> None:
    find = flags.find if kind == "flag" else segments.find
    if find(connection, project, key) is None:
        raise NotFound(kind, key)
