"""Reads and changes the part of a segment that an environment has for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Connection

from pennon.errors import Fault
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.environments.queries import require_environment
from pennon.origin.instructions import carry_out, located
from pennon.origin.merge_patch import patched
from pennon.origin.paging import cut
from pennon.origin.schemas import ArchivedQuery, full_name
from pennon.origin.segments import queries
from pennon.origin.segments.apply import apply, places
from pennon.origin.segments.instructions import (
    AddSegmentRule,
    SegmentInstruction,
    SegmentInstructions,
)
from pennon.origin.segments.parts import segment_view
from pennon.origin.segments.repopulating import hold, repopulate, require_in
from pennon.origin.segments.schemas import Membership, SegmentPage, SegmentView
from pennon.origin.segments.words import told
from pennon.web.endpoint import MergePatch
from pennon.web.etag import ANY, Tags

_ID_BYTES: Final = 8
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
    return segment_view(require_in(connection, full_name(project, environment), segment))


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
    Change who belongs to a segment in one environment by a merge patch.

    Raises NotFound, BadInput, PreconditionFailed, and Conflict when the segment, the environment
    or the project is archived; so do the other changes.
    """
    held = hold(transaction, project, environment, segment, if_match)
    new = patched(held.membership, patch, _ELSEWHERE)
    return repopulate(transaction, held, new, author)


def put(
    transaction: Transaction,
    project: str,
    environment: str,
    segment: str,
    new: Membership,
    author: Author,
    if_match: Tags,
) -> SegmentView:
    """Replace a segment's membership in one environment as a whole."""
    held = hold(transaction, project, environment, segment, if_match)
    return repopulate(transaction, held, new, author)


def instruct(
    transaction: Transaction,
    project: str,
    environment: str,
    segment: str,
    asked: SegmentInstructions,
    author: Author,
    if_match: Tags = ANY,
) -> SegmentView:
    """
    Carry out instructions on a segment in one environment, as the newest change left it.

    All are carried out or none, in their order, as one version; where their aim is reached
    already they take none.
    """
    held = hold(transaction, project, environment, segment, if_match)
    instructions = _with_ids(asked.instructions, transaction.random)
    new, summary = carry_out(held.membership, instructions, apply, told)

    def locate(faults: Sequence[Fault], after: Membership) -> list[Fault]:
        return located(faults, instructions, after, places)

    return repopulate(
        transaction,
        held,
        new,
        author,
        instructions=instructions,
        summary=summary,
        locate=locate,
    )


def _with_ids(
    instructions: Sequence[SegmentInstruction], random: Callable[[int], bytes]
) -> list[SegmentInstruction]:
    """Return *instructions* with an id for each new rule; they are recorded with it."""
    return [
        replace(one, rule=replace(one.rule, id=random(_ID_BYTES).hex()))
        if isinstance(one, AddSegmentRule) and one.rule.id is None
        else one
        for one in instructions
    ]
