"""What a node knows of external members, of all environments: it listens to the replicas."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.flag import Wire
from pennon.model.members import MembersAnswer
from pennon.model.messages import Change, Snapshot
from pennon.model.position import ACCESS
from pennon.model.segment import External
from pennon.relay.environment_members import Believing, EnvironmentMembers
from pennon.relay.member_entries import MemberEntries
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas

MOST_MEMBERS: Final = 100_000
"""How many keys are remembered unless a setting says otherwise."""
BELIEVED_SECONDS: Final = 600.0
"""For how long, unless a setting says otherwise."""


class MembershipCache:
    """
    Remembers at most *most* keys of all external segments, each for *seconds*, then asks again.

    It must hear of everything that *replicas* take: it is made before they are fed.
    """

    def __init__(
        self,
        replicas: Replicas,
        most: int = MOST_MEMBERS,
        seconds: float = BELIEVED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        entries: Callable[[int], MemberEntries] = MemberEntries,
    ) -> None:
        self._replicas = replicas
        self.entries = entries(most)
        self._believing = Believing(seconds, clock)
        self._environments: dict[str, EnvironmentMembers] = {}
        self._hits = self._misses = 0  # of environments that are forgotten
        for replica in replicas:
            self._begin(replica)
        replicas.watch(self._on_news)
        replicas.watch_the_end(self._forget)

    @property
    def hits(self) -> int:
        """How often an evaluation found what it asked for."""
        return self._hits + sum(members.hits for members in self._environments.values())

    @property
    def misses(self) -> int:
        """How often it did not."""
        return self._misses + sum(members.misses for members in self._environments.values())

    def of(self, environment: str) -> EnvironmentMembers:
        """Return what is known of *environment*."""
        return self._environments.get(environment) or self._open(environment)

    def take(self, answer: MembersAnswer, keys: Sequence[str]) -> bool:
        """Keep what *answer* says of *keys*; return False when it is of no use here by now."""
        replica = self._replicas.get(answer.environment)
        if replica is None:
            return False
        kind = external_kind(replica.items.get(("segment", answer.segment)))
        if kind is None:
            return False
        return self.of(answer.environment).take(answer, keys, kind)

    def _open(self, environment: str) -> EnvironmentMembers:
        members = EnvironmentMembers(self.entries, self._believing)
        self._environments[environment] = members
        return members

    def _begin(self, replica: Replica) -> None:
        if replica.position is not None and replica.environment != ACCESS:
            self.of(replica.environment).begin(*replica.position)

    def _forget(self, environment: str) -> None:
        gone = self._environments.pop(environment, None)
        if gone is not None:
            self._hits += gone.hits
            self._misses += gone.misses

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        if isinstance(news, Snapshot):
            self._begin(replica)
        elif news.kind == "segment":
            kind = external_kind(news.item)
            version = news.position.version
            self.of(replica.environment).change(news.key, kind, news.members, version)


class _Segment(Wire, frozen=True, kw_only=True):
    external: External | None = None


def external_kind(segment: bytes | None) -> str | None:
    """Return the kind of the members that a segment keeps outside; None where it keeps none."""
    if segment is None:
        return None
    try:
        external = decode(segment, _Segment).external
    except BadInput:  # malformed: nobody is asked about it
        return None
    return None if external is None else external.kind
