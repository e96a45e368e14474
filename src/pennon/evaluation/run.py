"""
The memory of one evaluation, for flags and segments that use others.

It finds cycles, keeps chains from being deeper than any stack, and remembers what was worked
out: without that a diamond of thirty layers takes 2**30 steps. Most evaluations need none, so one
is made only by a flag that has prerequisites or a segment that uses segments.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final

from pennon.evaluation.entries import Contains, FlagEntry, Kinds
from pennon.evaluation.faults import FlagCycle, Malformed, NeedsRun
from pennon.evaluation.plan import Requirement

MAX_CHAIN: Final = 32
"""How deep prerequisites may chain, and segments."""


class Membership(Enum):
    """What is known of a key in an external segment."""

    IN = "in"
    OUT = "out"
    UNLISTED = "unlisted"
    """Known to be neither: the segment's rules decide."""
    UNANSWERED = "unanswered"
    """The question got no answer in time: not a member, and the detail says so."""


Memberships = Callable[[str, str], Membership]
"""Answers at once for a segment's key and a context's key; it must not wait or raise."""


class _InProgress:
    """Marks a flag or segment that evaluation is inside of."""


_IN_PROGRESS: Final = _InProgress()


class Run:
    """
    One evaluation of one context, begun at the flag *root*.

    Without *memberships* it cannot ask for external members: it was made on the way, by something
    that cannot mark the answer.
    """

    __slots__ = (
        "_asked",
        "_contained",
        "_flags_deep",
        "_segments_deep",
        "_served",
        "kinds",
        "unanswered",
    )

    def __init__(
        self, kinds: Kinds, root: str | None = None, memberships: Memberships | None = None
    ) -> None:
        self.kinds = kinds
        self.unanswered = False
        self._asked = memberships
        self._served: dict[str | None, str | _InProgress | None] = {root: _IN_PROGRESS}
        self._contained: dict[str, bool | _InProgress] = {}
        self._flags_deep = 0
        self._segments_deep = 0

    def holds(self, requirement: Requirement) -> bool:
        """Return whether a prerequisite is enabled and serves one of the variations listed."""
        entry = requirement.flags.get(requirement.key)
        if entry is None or not entry.enabled:
            return False
        return self._variation(requirement.key, entry) in requirement.names

    def contains(self, key: str, contains: Contains) -> bool:
        """Return what *contains* says for the segment *key*, which uses other segments."""
        known = self._contained.get(key)
        if isinstance(known, _InProgress):
            raise Malformed(f"the segment {key!r} leads back to itself")
        if known is not None:
            return known
        # The last of a chain uses no other and does not come by here.
        if self._segments_deep >= MAX_CHAIN - 1:
            raise Malformed(f"segments that chain more than {MAX_CHAIN} deep")
        self._contained[key] = _IN_PROGRESS
        self._segments_deep += 1
        try:
            found = self._contained[key] = contains(self.kinds, self)
        except Malformed:
            del self._contained[key]
            raise
        finally:
            self._segments_deep -= 1
        return found

    def membership(self, segment: str, key: str) -> Membership:
        """Ask about *key* in an external segment, and note it when there is no answer."""
        if self._asked is None:
            raise NeedsRun
        known = self._asked(segment, key)
        if known is Membership.UNANSWERED:
            self.unanswered = True
        return known

    def _variation(self, key: str, entry: FlagEntry) -> str | None:
        """Return what a prerequisite serves: None for no value, and for an error."""
        known = self._served.get(key)
        if isinstance(known, _InProgress):
            raise FlagCycle(key)
        if known is not None or key in self._served:
            return known
        if self._flags_deep >= MAX_CHAIN:
            raise Malformed(f"prerequisites that chain more than {MAX_CHAIN} deep")
        self._served[key] = _IN_PROGRESS
        self._flags_deep += 1
        name = None
        try:
            name = entry.serve(self.kinds, self).variation
        except FlagCycle as cycle:
            # Every flag on the cycle is in error; the one that it began at ends it.
            if cycle.key != key:
                raise
        except Malformed:
            pass
        finally:
            self._flags_deep -= 1
            self._served[key] = name
        return name
