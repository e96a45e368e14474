"""
Deletes, restores and purges flags and segments.

What is deleted leaves its tables, so that no other query has to know of it, and lies aside as
one document. What is archived is published nowhere: no follower is told of any of this.
"""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Connection

from pennon.errors import Conflict, NotFound
from pennon.model.messages import ItemKind
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.deletion import queries
from pennon.origin.deletion.rows import PARTS, document_of, rows_in
from pennon.origin.deletion.schemas import Deleted, DeletedPage, Purged, Restored
from pennon.origin.evaluations.queries import forget_flag
from pennon.origin.events.queries import forget_flag as forget_exposures
from pennon.origin.flags import definitions as flag_definitions
from pennon.origin.flags import queries as flag_queries
from pennon.origin.flags.opening import open_flag
from pennon.origin.flags.parts import decode_definition as decode_flag
from pennon.origin.members.queries import drop_all
from pennon.origin.paging import cut
from pennon.origin.projects.queries import (
    environments_of,
    lock_editable_project,
    lock_project,
    require_project,
)
from pennon.origin.schemas import ListQuery, moment
from pennon.origin.segments import definitions as segment_definitions
from pennon.origin.segments import queries as segment_queries
from pennon.origin.segments.opening import open_segment
from pennon.origin.segments.parts import decode_definition as decode_segment
from pennon.web.etag import ANY, Tags


def delete(
    transaction: Transaction,
    project: str,
    kind: ItemKind,
    key: str,
    author: Author,
    if_match: Tags = ANY,
) -> Deleted:
    """
    Delete an archived flag or segment.

    Raises NotFound, PreconditionFailed, and Conflict when it or its project is not in the state
    for that.
    """
    connection = transaction.connection
    lock_editable_project(connection, project)
    view = (flag_definitions if kind == "flag" else segment_definitions).find(
        connection, project, key
    )
    if_match.check(view)
    if not view.archived:
        raise Conflict(f"The {kind} {key!r} is not archived. Archive it first.")
    rows = {
        table.name: queries.read_rows(connection, table, column, project, key)
        for table, column in PARTS[kind]
    }
    for table, column in reversed(PARTS[kind]):
        queries.remove_rows(connection, table, column, project, key)
    document = document_of(rows)
    queries.put_aside(connection, project, kind, key, view.name, document, transaction.now)
    _record(transaction, project, kind, key, "deleted", author, before=_definition(kind, document))
    return _view(_require(connection, project, kind, key))


def restore(
    transaction: Transaction, project: str, kind: str, key: str, author: Author
) -> Restored:
    """
    Bring a deleted flag or segment back, archived, into every environment that there is by now.

    Raises NotFound, and Conflict when the project is archived.
    """
    connection = transaction.connection
    lock_editable_project(connection, project)
    row = _require(connection, project, kind, key)
    rows = rows_in(row.document, row.kind)
    for table, _ in PARTS[row.kind]:
        queries.add_rows(connection, table, rows[table.name])
    _open_in_newer_environments(transaction, project, row.kind, key)
    queries.forget(connection, project, kind, key)
    after = _definition(row.kind, row.document)
    _record(transaction, project, row.kind, key, "restored", author, after=after)
    return Restored(project=project, kind=row.kind, key=key)


def purge(
    transaction: Transaction,
    project: str,
    kind: str,
    key: str,
    author: Author,
    *,
    deleted_before: int | None = None,
) -> Purged:
    """
    Let go of what was deleted, for good; its key is free again.

    Raises NotFound, also where it was not deleted before the time that is given.
    """
    connection = transaction.connection
    lock_project(connection, project)
    row = _require(connection, project, kind, key)
    if deleted_before is not None and row.deleted_at >= deleted_before:
        raise NotFound(f"deleted {kind}", key)
    queries.forget(connection, project, kind, key)
    names = environments_of(connection, project)
    if row.kind == "flag":
        forget_flag(connection, names, key)
        forget_exposures(connection, names, key)
    else:
        drop_all(connection, names, key)
    before = _definition(row.kind, row.document)
    _record(transaction, project, row.kind, key, "purged", author, before=before)
    return Purged(project=project, kind=row.kind, key=key)


def list_deleted(connection: Connection, project: str, asked: ListQuery) -> DeletedPage:
    """Return a page of what was deleted in a project. Raises NotFound."""
    require_project(connection, project)
    rows, following = cut(queries.list_page(connection, project, asked), asked, "resource")
    return DeletedPage(items=tuple(map(_view, rows)), next=following)


def _open_in_newer_environments(
    transaction: Transaction, project: str, kind: ItemKind, key: str
) -> None:
    connection = transaction.connection
    queried, opened = (
        (flag_queries, open_flag) if kind == "flag" else (segment_queries, open_segment)
    )
    row = queried.find(connection, project, key)
    held = {one.environment for one in queried.every_environment(connection, project, key)}
    for environment in environments_of(connection, project):
        if environment not in held:
            opened(transaction, row, environment)


def _record(
    transaction: Transaction,
    project: str,
    kind: ItemKind,
    key: str,
    done: str,
    author: Author,
    *,
    before: Struct | None = None,
    after: Struct | None = None,
) -> None:
    record(
        transaction,
        author,
        project,
        f"{kind}.{done}",
        f"{kind}/{key}",
        before=before,
        after=after,
        summary=(done,),
    )


def _definition(kind: ItemKind, document: bytes) -> Struct:
    (whole,) = rows_in(document, kind)[PARTS[kind][0][0].name]
    return (decode_flag if kind == "flag" else decode_segment)(whole["document"])


def _view(row: AnyRow) -> Deleted:
    return Deleted(
        project=row.project,
        kind=row.kind,
        key=row.key,
        name=row.name,
        deleted_at=moment(row.deleted_at),
    )


def _require(connection: Connection, project: str, kind: str, key: str) -> AnyRow:
    row = queries.find(connection, project, kind, key)
    if row is None:
        raise NotFound(f"deleted {kind}", key)
    return row
