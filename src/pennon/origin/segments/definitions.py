"""Creates, reads and changes the part of a segment that all its environments share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from pennon.errors import AlreadyExists, BadInput, Conflict, NotFound
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.deletion.queries import refuse_deleted
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.projects.queries import environments_of, lock_editable_project, require_project
from pennon.origin.publication import publish, refuse_if_used, withdraw
from pennon.origin.schemas import ArchivedQuery, short_name
from pennon.origin.segments import queries
from pennon.origin.segments.opening import open_segment
from pennon.origin.segments.parts import (
    decode_definition,
    decode_membership,
    definition_columns,
    definition_view,
    segment_of,
)
from pennon.origin.segments.schemas import (
    NewSegment,
    SegmentDefinition,
    SegmentDefinitionPage,
    SegmentDefinitionView,
)
from pennon.origin.segments.words import told_of_definition
from pennon.origin.validation import faults_in
from pennon.origin.words import CREATED
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags

_SALT_BYTES: Final = 8
_ELSEWHERE: Final = {
    "key": "a segment's key cannot be changed",
    **dict.fromkeys(
        ("include", "exclude", "rules"),
        "belongs to the segment in an environment: "
        "patch /projects/{project}/environments/{environment}/segments/{segment}",
    ),
}


def create(
    transaction: Transaction, project: str, new: NewSegment, author: Author
) -> SegmentDefinitionView:
    """
    Create a segment, without members, in every environment of its project.

    Raises NotFound and AlreadyExists, and Conflict when the project is archived.
    """
    connection = transaction.connection
    lock_editable_project(connection, project)
    if queries.find(connection, project, new.key) is not None:
        raise AlreadyExists("segment", new.key)
    refuse_deleted(connection, project, "segment", new.key)
    environments = environments_of(connection, project)
    transaction.lock(environments)
    definition = SegmentDefinition(name=new.name, description=new.description, tags=new.tags)
    queries.add(
        connection,
        {
            "project": project,
            "key": new.key,
            "salt": transaction.random(_SALT_BYTES).hex(),
            "created_at": transaction.now,
            **definition_columns(new.key, definition, transaction.now),
        },
    )
    row = _require(connection, project, new.key)
    for environment in environments:
        open_segment(transaction, row, environment)
    record(
        transaction,
        author,
        project,
        "segment.created",
        f"segment/{new.key}",
        after=new,
        summary=CREATED,
    )
    return definition_view(row)


def find(connection: Connection, project: str, segment: str) -> SegmentDefinitionView:
    """Return a segment as its project has it. Raises NotFound."""
    require_project(connection, project)
    return definition_view(_require(connection, project, segment))


def list_segments(
    connection: Connection, project: str, asked: ArchivedQuery
) -> SegmentDefinitionPage:
    """Return a page of a project's segments. Raises NotFound."""
    require_project(connection, project)
    rows, following = cut(queries.list_page(connection, project, asked), asked, "key")
    return SegmentDefinitionPage(items=tuple(map(definition_view, rows)), next=following)


def change(
    transaction: Transaction,
    project: str,
    segment: str,
    patch: MergePatch,
    author: Author,
    if_match: Tags = ANY,
) -> SegmentDefinitionView:
    """
    Change what is said of a segment; archive it, or bring it back.

    No edge is told of a name or a description: only archiving takes versions. Raises NotFound,
    BadInput, PreconditionFailed, and Conflict when a flag or another segment uses it, also where
    an environment is archived, or when the project is.
    """
    connection = transaction.connection
    lock_editable_project(connection, project)
    row = _require(connection, project, segment)
    environments = environments_of(connection, project)
    transaction.lock(environments)
    view = definition_view(row)
    if_match.check(view)
    old = decode_definition(row.document)
    new = patched(old, patch, _ELSEWHERE)
    if new == old:
        return view
    if old.archived and new.archived:
        raise Conflict(f"The segment {segment!r} is archived. Set `archived` to false first.")
    if new.archived:
        refuse_if_used(transaction, environments, "segment", segment)
    values = definition_columns(segment, new, transaction.now)
    queries.change(connection, project, segment, values)
    if new.archived != old.archived:
        for one in queries.every_environment(connection, project, segment):
            _republish(transaction, one, new)
    record(
        transaction,
        author,
        project,
        _action(old, new),
        f"segment/{segment}",
        before=old,
        after=new,
        summary=told_of_definition(old, new),
    )
    return find(connection, project, segment)


def _republish(transaction: Transaction, row: AnyRow, definition: SegmentDefinition) -> None:
    if definition.archived:
        version = withdraw(transaction, row.environment, "segment", row.key)
    else:
        segment = segment_of(row.key, row.salt, decode_membership(row.membership))
        path = f"$.environments.{short_name(row.environment)}"
        faults = faults_in(transaction.connection, row.environment, segment, path=path)
        if faults:
            raise BadInput(faults)
        version = publish(transaction, row.environment, segment)
    if version is not None:
        queries.change_membership(
            transaction.connection, row.environment, row.key, {"version": version}
        )


def _action(old: SegmentDefinition, new: SegmentDefinition) -> str:
    if old.archived == new.archived:
        return "segment.updated"
    return "segment.archived" if new.archived else "segment.unarchived"


def _require(connection: Connection, project: str, segment: str) -> AnyRow:
    row = queries.find(connection, project, segment)
    if row is None:
        raise NotFound("segment", segment)
    return row
