"""
Members of external segments, which are kept outside the datafile: what changed, and who is one.

A key is **in** a segment, **out** of it (excluded by name), or unlisted: the segment's rules
decide then. Unlisted is never written out: it is every key that is in neither list.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Final

from msgspec import Meta, field

from pennon.model.flag import Wire
from pennon.model.position import Epoch, Version

MOST_KEYS: Final = 1_000
"""How many keys a question may hold, and a delta."""
LONGEST_KEY: Final = 1_024
"""How many characters a member's key may have."""

MemberKey = Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY, pattern=r"^[^\x00]*$")]
"""A key that can be a member's: text that every database can hold."""


class Membership(Enum):
    """What is known of a key in an external segment."""

    IN = "in"
    OUT = "out"
    UNLISTED = "unlisted"
    """Known to be neither: the segment's rules decide."""
    UNANSWERED = "unanswered"
    """The question got no answer in time: not a member, and the detail says so."""


class MembersDelta(Wire, frozen=True, kw_only=True):
    """
    How the members of a segment changed, at the environment's version `generation`.

    `added` are in now, `excluded` out, `removed` unlisted. A change too large to be told says
    `reset` and names nobody: what is known of the segment's members is to be forgotten.
    """

    generation: Version
    added: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    reset: bool = False


class MembersQuestion(Wire, frozen=True, kw_only=True):
    """The body of ``POST /sync/v1/segments/{segment}/members``: which of *keys* are members?"""

    environment: str
    keys: Annotated[tuple[MemberKey, ...], Meta(min_length=1, max_length=MOST_KEYS)]


class MembersAnswer(Wire, frozen=True, kw_only=True):
    """
    Which of the keys asked about are in the segment and which are out; all others are unlisted.

    `generation` is the version of `epoch` at which the members last changed, 0 where they never
    did, and `version` one until which they have not changed since. A node that has no answer to
    some of the keys at this moment names them as `unknown`.
    """

    environment: str
    segment: str
    epoch: Epoch
    generation: Version
    version: Version = 0
    in_: tuple[str, ...] = field(name="in", default=())
    out: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def as_of(self) -> int:
        """The version at which this is true: none of a later change is in it."""
        return max(self.generation, self.version)


def can_be_member(key: str) -> bool:
    """Return whether *key* can be a member's; any other is unlisted everywhere, unasked."""
    if not 0 < len(key) <= LONGEST_KEY or "\0" in key:
        return False
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True
