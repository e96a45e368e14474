"""All that a node has of external members: what it knows, what it asks, what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable

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
