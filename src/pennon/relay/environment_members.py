"""
What a node knows of the external members of one environment.

One rule holds: what is told of a key was true at the last change of its segment's members that
this node has taken, or at a later one, never only before it. So an answer is taken only when it
is as of that change or later, and a change corrects what is held, in place.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Final

from pennon.model.members import MembersAnswer, MembersDelta, Membership, can_be_member
from pennon.relay.member_entries import Known, MemberEntries, Place

_places = itertools.count()


class Believing:
    """Makes what is known from now on for *seconds*; entries of one moment share it."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self.clock = seconds, clock
        self._made: dict[Membership, Known] = {}

    def of(self, membership: Membership) -> Known:
        """Return *membership* as known now, to within a hundredth of the time."""
        until = self.clock() + self._seconds
        known = self._made.get(membership)
        if known is None or until - known.until > self._seconds / 100:
            known = self._made[membership] = Known(membership, until)
        return known


class _Segment:
    """
    Where a segment stands: entries of it are under `place`.

    `floor` is the last change of its members that was taken, or where it was first heard of;
    `ahead` the latest version that any answer was as of, and `generation` the latest change of
    the members that was heard of.
    """

    __slots__ = ("ahead", "floor", "generation", "kind", "place")

    def __init__(self, kind: str, floor: int) -> None:
        self.kind, self.floor = kind, floor
        self.ahead = self.generation = 0
        self.place: Place = next(_places)


class EnvironmentMembers:
    """
    Answers for the keys of one environment from *entries*, which all environments share.

    `misses` counts the questions that had no answer here, so that who asks several can tell
    afterwards whether all of them had.
    """

    def __init__(self, entries: MemberEntries, believing: Believing) -> None:
        self._entries, self._believing = entries, believing
        self._clock: Final = believing.clock
        self._segments: dict[str, _Segment] = {}
        self._epoch = ""
        self._floor = 0
        self.hits = 0
        self.misses = 0

    def known(self, segment: str, key: str) -> Membership:
        """Return what is known of *key*, at once: UNANSWERED where that is to be asked for."""
        membership = self.find(segment, key)
        if membership is Membership.UNANSWERED:
            self.misses += 1
        else:
            self.hits += 1
        return membership

    def find(self, segment: str, key: str) -> Membership:
        """Return the same uncounted."""
        known = self._known(segment, key)
        if known is not None and self._clock() < known.until:
            return known.membership
        return Membership.UNANSWERED if can_be_member(key) else Membership.UNLISTED

    def at_any_age(self, segment: str, key: str) -> Membership:
        """Return the same, and also what should have been asked again: stale beats unknown."""
        known = self._known(segment, key)
        return self.find(segment, key) if known is None else known.membership

    def _known(self, segment: str, key: str) -> Known | None:
        state = self._segments.get(segment)
        return None if state is None else self._entries.get(state.place, key)

    def generation_of(self, segment: str) -> int:
        """Return the latest change of the members of *segment* that was heard of, 0 for none."""
        state = self._segments.get(segment)
        return 0 if state is None else state.generation

    def begin(self, epoch: str, version: int) -> None:
        """Forget all: what changed up to *version* was not told one by one."""
        self._segments.clear()
        self._epoch, self._floor = epoch, version

    def take(self, answer: MembersAnswer, keys: Iterable[str], kind: str) -> bool:
        """
        Keep what *answer* says of *keys* of *kind*; return False when it is too old, or of
        another line of versions.
        """
        if answer.epoch != self._epoch:
            return False
        state = self._segments.get(answer.segment)
        if state is None:
            state = self._segments[answer.segment] = _Segment(kind, self._floor)
        if answer.as_of < state.floor:
            return False
        state.ahead = max(state.ahead, answer.as_of)
        state.generation = max(state.generation, answer.generation)
        listed = dict.fromkeys(answer.in_, Membership.IN)
        listed.update(dict.fromkeys(answer.out, Membership.OUT))
        listed.update(dict.fromkeys(answer.unknown, Membership.UNANSWERED))
        for key in keys:
            membership = listed.get(key, Membership.UNLISTED)
            if membership is not Membership.UNANSWERED:
                self._entries.put(state.place, key, self._believing.of(membership))
        return True

    def change(self, segment: str, kind: str | None, delta: MembersDelta | None, at: int) -> None:
        """
        Take a change of *segment*, which keeps members of *kind* outside (None: it does not, or
        is gone) and whose members changed by *delta*, at the environment's version *at*.
        """
        state = self._segments.get(segment)
        if kind is None:
            self._segments.pop(segment, None)
            return
        if state is None or state.kind != kind:
            # It may be another by that name: what was asked about the one before is no answer.
            state = self._segments[segment] = _Segment(kind, at)
        if delta is None:
            return
        state.floor, state.generation = at, max(state.generation, at)
        if delta.reset:
            state.place = next(_places)
            return
        for keys, membership in (
            (delta.added, Membership.IN),
            (delta.excluded, Membership.OUT),
            (delta.removed, Membership.UNLISTED),
        ):
            for key in keys:
                if at > state.ahead:
                    self._entries.correct(state.place, key, self._believing.of(membership))
                else:  # an answer may have been as of this change, or a later one
                    self._entries.discard(state.place, key)
