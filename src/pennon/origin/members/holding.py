"""An external segment and its list, as they are read, and as they are held for a change."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from pennon.errors import Conflict, NotFound, PreconditionFailed
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.db.installation import read_epoch
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.locking import lock_editable_environment, refuse_archived
from pennon.origin.environments.queries import approvals_required, require_environment
from pennon.origin.members import queries
from pennon.origin.members.schemas import MembersState
from pennon.origin.members.tally import Tally
from pennon.origin.schemas import full_name
from pennon.origin.segments import queries as segment_queries
from pennon.origin.segments.parts import decode_membership
from pennon.web.etag import Tags


@dataclass(frozen=True, slots=True)
class Place:
    """Where members are: a segment in an environment of a project."""

    project: str
    environment: str
    segment: str

    @property
    def name(self) -> str:
        """The environment's full name."""
        return full_name(self.project, self.environment)


@dataclass(frozen=True, slots=True)
class Held:
    """The members of a segment at one moment; without a `list` there never were any."""

    place: Place
    kind: str
    epoch: str
    list: int | None
    generation: int
    tally: Tally

    @property
    def state(self) -> MembersState:
        """What is said of them."""
        return state_of(self.epoch, self.generation, self.tally)

    def check(self, if_match: Tags) -> None:
        """Raise PreconditionFailed unless these are the members that *if_match* names."""
        if not if_match.match(tag_of(self.state)):
            raise PreconditionFailed(
                f"The members have changed since: they are at generation {self.generation}. "
                "Look at what they are by now, then repeat the change if it is still wanted."
            )


def find_members_of(connection: Connection, place: Place) -> Held:
    """Return the members of an external segment. Raises NotFound, and Conflict for another."""
    require_environment(connection, place.project, place.environment)
    row = segment_queries.find_in(connection, place.name, place.segment)
    if row is None:
        raise NotFound("segment", place.segment)
    return _held(connection, place, row)


def hold_members_of(transaction: Transaction, place: Place, author: Author, if_match: Tags) -> Held:
    """
    Lock an environment and return the members of a segment in it, which *author* may change.

    Raises what `find_members_of` and `refuse_uneditable` do, and PreconditionFailed.
    """
    lock_editable_environment(transaction, place.project, place.environment)
    held = find_members_of(transaction.connection, place)
    refuse_uneditable(transaction.connection, place, author)
    held.check(if_match)
    return held


def refuse_uneditable(connection: Connection, place: Place, author: Author) -> None:
    """
    Raise Conflict for what is archived, and Forbidden for who may not change members there.

    A change request is read by those who approve it, and nobody reads ten million keys. So where
    changes have to be approved, those who approve them change members, and nobody else.
    """
    refuse_archived(connection, place.project, place.environment)
    row = segment_queries.find_in(connection, place.name, place.segment)
    if row is not None and row.archived:
        raise Conflict(
            f"The segment {place.segment!r} is archived. Bring it back in its project first."
        )
    if approvals_required(connection, place.name):
        author.principal.require("approver", place.name)


def state_of(epoch: str, generation: int, tally: Tally) -> MembersState:
    """Return what is said of a list."""
    return MembersState(
        epoch=epoch,
        generation=generation,
        included=tally.included,
        excluded=tally.excluded,
        digest=tally.digest,
    )


def tag_of(state: MembersState) -> str:
    """Return the entity tag of members: where they last changed, which is no hash of a page."""
    return f'"{state.epoch}.{state.generation}"'


def _held(connection: Connection, place: Place, row: AnyRow) -> Held:
    external = decode_membership(row.membership).external
    if external is None:
        raise Conflict(
            f"The segment {place.segment!r} keeps its members in itself in {place.name}. "
            "To keep them outside, set its `external` there."
        )
    live = queries.find_live(connection, place.name, place.segment)
    return Held(
        place=place,
        kind=external.kind,
        epoch=read_epoch(connection),
        list=live.id if live else None,
        generation=live.generation if live else 0,
        tally=Tally.of(live.included, live.excluded, live.digest) if live else Tally(),
    )
