"""Changes a segment's membership: the steps that every form of change goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from msgspec import Struct
from sqlalchemy import Connection

from pennon.errors import BadInput, Conflict, Fault, NotFound
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.approval import refuse_unapproved
from pennon.origin.environments.locking import lock_editable_environment
from pennon.origin.members.emptiness import refuse_populated
from pennon.origin.publication import publish
from pennon.origin.segments import queries
from pennon.origin.segments.parts import decode_membership, encode, segment_of, segment_view
from pennon.origin.segments.schemas import Membership, SegmentView
from pennon.origin.segments.words import told
from pennon.origin.validation import faults_in
from pennon.web.etag import ANY, Tags

Locate = Callable[[list[Fault], Membership], Iterable[Fault]]
"""Says where in the request the faults of the membership that came of it stand."""


@dataclass(frozen=True, slots=True)
class Held:
    """A segment in an environment that is locked for a change."""

    project: str
    environment: str
    row: AnyRow
    membership: Membership


def hold(
    transaction: Transaction, project: str, environment: str, segment: str, if_match: Tags = ANY
) -> Held:
    """
    Lock an environment and return a segment in it, as the newest change left it.

    Raises NotFound, PreconditionFailed, and Conflict when the environment or the project is
    archived.
    """
    name = lock_editable_environment(transaction, project, environment)
    row = require_in(transaction.connection, name, segment)
    if_match.check(segment_view(row))
    return Held(project, name, row, decode_membership(row.membership))


def repopulate(
    transaction: Transaction,
    held: Held,
    new: Membership,
    author: Author,
    *,
    instructions: Sequence[Struct] | None = None,
    summary: Sequence[str] | None = None,
    locate: Locate | None = None,
) -> SegmentView:
    """
    Give a segment another membership, publish and record it; an equal one changes nothing.

    *summary* is what the log says was done, by default what is different. Raises BadInput, and
    Conflict when the segment is archived, or the change had to be approved.
    """
    connection, row = transaction.connection, held.row
    # As JSON, since to Python a condition on true is equal to one on 1.
    if encode(new) == encode(held.membership):
        return segment_view(row)
    if row.archived:
        raise Conflict(f"The segment {row.key!r} is archived. Bring it back in its project first.")
    changed = segment_of(row.key, row.salt, new)
    faults = faults_in(connection, held.environment, changed)
    if faults:
        raise BadInput(locate(faults, new) if locate else faults)
    if new.external != held.membership.external:
        refuse_populated(connection, held.environment, row.key)
    refuse_unapproved(connection, held.environment, author)
    queries.change_membership(
        connection,
        held.environment,
        row.key,
        {
            "document": encode(new),
            "version": publish(transaction, held.environment, changed),
            "updated_at": transaction.now,
        },
    )
    record(
        transaction,
        author,
        held.project,
        "segment.updated",
        f"segment/{row.key}",
        environment=held.environment,
        before=held.membership,
        after=new,
        instructions=instructions,
        summary=told(held.membership, new) if summary is None else summary,
    )
    return segment_view(require_in(connection, held.environment, row.key))


def require_in(connection: Connection, environment: str, segment: str) -> AnyRow:
    """Return a segment's row in an environment, by its full name. Raises NotFound."""
    row = queries.find_in(connection, environment, segment)
    if row is None:
        raise NotFound("segment", segment)
    return row
