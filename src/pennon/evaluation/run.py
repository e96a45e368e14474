"""
The memory of one evaluation, for flags and segments that use others.

It finds cycles, keeps chains from being deeper than any stack, and remembers what was worked
out: without that a diamond of thirty layers takes 2**30 steps. Most evaluations need none, so one
is made only by a flag that has prerequisites or a segment that uses segments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from pennon.evaluation.entries import NOBODY, Contains, FlagEntry, Kinds, SegmentEntry
from pennon.evaluation.faults import FlagCycle, Malformed, NeedsRun
from pennon.model.members import Membership

if TYPE_CHECKING:
    from pennon.evaluation.plan import Requirement

MAX_CHAIN: Final = 32
"""How deep prerequisites may chain, and segments."""


Memberships = Callable[[str, str], Membership]
"""Answers at once for a segment's key and a context's key; it must not wait or raise."""


class Run:
    """
    One evaluation of one context, begun at the flag *root*.

    Without *memberships* it cannot ask for external members: it was made on the way, by something
    that cannot mark the answer.
    """

    __slots__ = (
        "_asked",
        "_contained",
        "_flags",
        "_segments",
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
        # What evaluation is inside of, the outermost first, and what it has left behind.
        self._flags = [root]
        self._segments: list[str] = []
        self._served: dict[str, str | None] = {}
        self._contained: dict[tuple[str, int], bool] = {}

    def holds(self, requirement: Requirement) -> bool:
        """Return whether a prerequisite is enabled and serves one of the variations listed."""
        entry = requirement.flags.get(requirement.key)
        if entry is None or not entry.enabled:
            return False
        if len(self._flags) > MAX_CHAIN:
            raise Malformed(f"prerequisites that chain more than {MAX_CHAIN} deep")
        return self._variation(requirement.key, entry) in requirement.names

    def reach(self, entry: SegmentEntry) -> SegmentEntry:
        """Return *entry*, which a segment names, unless it is there and stands too deep."""
        if len(self._segments) >= MAX_CHAIN and entry is not NOBODY:
            raise Malformed(f"segments that chain more than {MAX_CHAIN} deep")
        return entry

    def contains(self, key: str, contains: Contains) -> bool:
        """
        Return what *contains* says for the segment *key*, which uses other segments.

        It is remembered for one depth: deeper down the same chain may be too long.
        """
        if key in self._segments:
            raise Malformed(f"the segment {key!r} leads back to itself")
        place = key, len(self._segments)
        known = self._contained.get(place)
        if known is None:
            self._segments.append(key)
            try:
                known = self._contained[place] = contains(self.kinds, self)
            finally:
                self._segments.pop()
        return known

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
        if key in self._flags:
            raise FlagCycle(key)
        if key in self._served:
            return self._served[key]
        self._flags.append(key)
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
            self._flags.pop()
            self._served[key] = name
        return name
