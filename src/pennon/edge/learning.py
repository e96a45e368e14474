"""External members for those who evaluate and cannot wait: what is known now, and the rest soon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from pennon.model.detail import Detail
from pennon.model.members import Membership
from pennon.relay.environment_members import EnvironmentMembers
from pennon.relay.member_lookups import MemberLookups
from pennon.relay.membership import MembershipCache


class Lacking:
    """
    Answers one evaluation with what is known, at any age, and notes what is not.

    `wanted` are segments with keys; `unsure` the flags whose answers hang on them.
    """

    __slots__ = ("_members", "unsure", "wanted")

    def __init__(self, members: EnvironmentMembers) -> None:
        self._members = members
        self.wanted: set[tuple[str, str]] = set()
        self.unsure: set[str] = set()

    def known(self, segment: str, key: str) -> Membership:
        """Return what is known; see `pennon.evaluation.run.Memberships`."""
        if self._members.known(segment, key) is Membership.UNANSWERED:
            self.wanted.add((segment, key))
        return self._members.at_any_age(segment, key)

    def note(self, details: Iterable[Detail]) -> None:
        """Note which of *details* are not sure, where something was not known."""
        if self.wanted:
            self.unsure.update(each.flag for each in details if each.membership_unknown)


class Learning:
    """Has *lookups* ask for what evaluations lacked, while they go on without it."""

    def __init__(self, cache: MembershipCache, lookups: MemberLookups) -> None:
        self._cache, self._lookups = cache, lookups
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, environment: str) -> Lacking:
        """Return what answers an evaluation of *environment*."""
        return Lacking(self._cache.of(environment))

    def learn(self, environment: str, lacking: Lacking, then: Callable[[bool], None]) -> None:
        """Ask for what an evaluation lacked; call *then* with whether it is known by then."""

        async def ask() -> None:
            then(await self._lookups.learn(environment, lacking.wanted))

        task = asyncio.create_task(ask(), name="learning")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
