"""All that a node has of external members: what it knows, what it asks, what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from pennon.model.members import MembersAnswer
from pennon.relay.member_lookups import MemberLookups
from pennon.relay.member_questions import Lookup, MemberQuestions
from pennon.relay.members_below import MembersBelow
from pennon.relay.membership import BELIEVED_SECONDS, MOST_MEMBERS, MembershipCache
from pennon.relay.replicas import Replicas


class NodeMembers:
    """
    Remembers *most* keys of *replicas*, each for *seconds*, and asks *lookup* for the others.

    *whom* names who would be asked now. It is made before the replicas are fed.
    """

    def __init__(
        self,
        replicas: Replicas,
        lookup: Lookup,
        *,
        whom: Callable[[], str] = lambda: "",
        most: int = MOST_MEMBERS,
        seconds: float = BELIEVED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cache = MembershipCache(replicas, most, seconds, clock)
        self.questions = MemberQuestions(lookup, self.cache, whom=whom, clock=clock)
        self.lookups = MemberLookups(self.questions)
        self.below = MembersBelow(replicas, self.cache, self.lookups)


def as_held(replicas: Replicas, lookup: Lookup) -> Lookup:
    """
    Return *lookup*, for a source that *replicas* follow: its answers are as of what they hold.

    A source is never behind its replicas, so that what it answers is true at the version that
    they held when it was asked, or at a later one.
    """

    async def held(environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
        replica = replicas.get(environment)
        position = None if replica is None else replica.position
        answer = await lookup(environment, segment, keys)
        if position is None or answer.epoch != position.epoch:
            return answer
        return replace(answer, version=max(answer.version, position.version))

    return held
