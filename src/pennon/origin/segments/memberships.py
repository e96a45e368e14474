"""Reads and changes the part of a segment that an environment has for itself."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict, NotFound
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.locking import lock_editable_environment
from pennon.origin.environments.queries import require_environment
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.publication import publish
from pennon.origin.schemas import ArchivedQuery, full_name
from pennon.origin.segments import queries
from pennon.origin.segments.parts import decode_membership, encode, segment_of, segment_view
from pennon.origin.segments.schemas import SegmentPage, SegmentView
from pennon.origin.validation import faults_in
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags

_ELSEWHERE: Final = {
    "key": "a segment's key cannot be changed",
    **dict.fromkeys(
        ("name", "description", "tags", "archived"),
        "belongs to the segment in its project: patch /projects/{project}/segments/{segment}",
    ),
}


def find(connection: Connection, project: str, environment: str, segment: str) -> SegmentView:
    """Return a segment in an environment. Raises NotFound."""
    require_environment(connection, project, environment)
    return segment_view(_require(connection, full_name(project, environment), segment))


def list_segments(
    connection: Connection, project: str, environment: str, asked: ArchivedQuery
) -> SegmentPage:
    """Return a page of an environment's segments. Raises NotFound."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    rows, following = cut(queries.list_page_in(connection, name, asked), asked, "key")
    return SegmentPage(items=tuple(map(segment_view, rows)), next=following)


def change(
    transaction: Transaction,
    project: str,
    environment: str,
    segment: str,
    patch: MergePatch,
    author: Author,
    if_match: Tags = ANY,
) -> SegmentView:
    """
    Change who belongs to a segment in one environment.

    Raises NotFound, BadInput, PreconditionFailed, and Conflict when the segment, the environment
    or the project is archived.
    """
    connection = transaction.connection
    name = lock_editable_environment(transaction, project, environment)
    row = _require(connection, name, segment)
    view = segment_view(row)
    if_match.check(view)
    old = decode_membership(row.membership)
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return view
    if row.archived:
        raise Conflict(f"The segment {segment!r} is archived. Bring it back in its project first.")
    changed = segment_of(segment, row.salt, new)
    faults = faults_in(connection, name, changed)
    if faults:
        raise BadInput(faults)
    queries.change_membership(
        connection,
        name,
        segment,
        {
            "document": encode(new),
            "version": publish(transaction, name, changed),
            "updated_at": transaction.now,
        },
    )
    record(
        transaction,
        author,
        project,
        "segment.updated",
        f"segment/{segment}",
        environment=name,
        before=old,
        after=new,
    )
    return find(connection, project, environment, segment)


def _require(connection: Connection, environment: str, segment: str) -> AnyRow:
    row = queries.find_in(connection, environment, segment)
    if row is None:
        raise NotFound("segment", segment)
    return row
