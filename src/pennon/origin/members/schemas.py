"""What is asked of, and answered about, the members of an external segment."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from pennon.model.members import MOST_KEYS
from pennon.origin.authors import Comment
from pennon.origin.schemas import Input, View

Keys = Annotated[tuple[str, ...], Meta(max_length=MOST_KEYS)]


class MembersQuery(Input, frozen=True, kw_only=True):
    """Which keys are listed: those that begin with `prefix`, those in, or those out."""

    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    cursor: str | None = None
    prefix: Annotated[str, Meta(max_length=1024)] = ""
    member: bool | None = None


class MembersLookup(Input, frozen=True, kw_only=True):
    """Keys to look up."""

    keys: Annotated[tuple[str, ...], Meta(min_length=1, max_length=MOST_KEYS)]


class MembersChange(Input, frozen=True, kw_only=True):
    """
    Keys that are to be in, out, or neither: the segment's rules decide then.

    They are 1,000 at most, each named once; and why, for the audit log.
    """

    add: Keys = ()
    exclude: Keys = ()
    remove: Keys = ()
    comment: Comment | None = None


class MembersState(View, frozen=True, kw_only=True):
    """
    A list of members at a generation, the environment's version at which it last changed.

    `digest` is the sum of its keys' hashes: equal lists have equal ones.
    """

    epoch: str
    generation: int
    included: int
    excluded: int
    digest: str


class Member(View, frozen=True, kw_only=True):
    """A key that is in, or out."""

    key: str
    member: bool


class MembersPage(MembersState, frozen=True, kw_only=True):
    """Keys in order, of `kind`; the counts are of the whole list; the next page's cursor if any."""

    kind: str
    items: tuple[Member, ...]
    next: str | None


class KnownMember(View, frozen=True, kw_only=True):
    """What is known of a key."""

    key: str
    membership: Literal["in", "out", "unlisted"]


class KnownMembers(MembersState, frozen=True, kw_only=True):
    """What is known of the keys asked for, in the order in which they were."""

    kind: str
    items: tuple[KnownMember, ...]


class Counts(View, frozen=True, kw_only=True):
    """How many keys come in, go out, and are listed no more."""

    added: int
    excluded: int
    removed: int


class Named(View, frozen=True, kw_only=True):
    """The first hundred of them, in order."""

    added: tuple[str, ...]
    excluded: tuple[str, ...]
    removed: tuple[str, ...]


class MembersChanged(MembersState, frozen=True, kw_only=True):
    """
    What a change of members did, or with `dryRun` would do.

    The state is the one after it; what changes nothing takes no version, and has none to ask
    `propagation` of. `repeated` is how many lines named a key again.
    """

    dry_run: bool
    changes: Counts
    first: Named
    repeated: int
    propagation: str | None
