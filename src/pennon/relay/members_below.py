"""What a node answers to those below it that ask about external members."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from pennon.errors import NotReady
from pennon.model.members import MembersAnswer, Membership
from pennon.relay.member_lookups import MemberLookups
from pennon.relay.membership import MembershipCache
from pennon.relay.replicas import Replicas

PATIENCE_SECONDS: Final = 0.8
"""How long the parent is waited for: less than who asks here waits."""


class MembersBelow:
    """
    Answers from *cache*, after having asked for what it lacks.

    While there is no asking, it answers what it knows, and says what it does not.
    """

    def __init__(
        self,
        replicas: Replicas,
        cache: MembershipCache,
        lookups: MemberLookups,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._replicas, self._cache, self._lookups = replicas, cache, lookups
        self._patience = patience

    async def lookup(self, environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
        """
        Return which of *keys* are members; see `pennon.relay.member_questions.Lookup`.

        Raises NotReady when that can be said of none.
        """
        find = self._cache.of(environment).find
        missing = [key for key in keys if find(segment, key) is Membership.UNANSWERED]
        if missing:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience):
                    await self._lookups.learn(environment, ((segment, key) for key in missing))
        return self.known(environment, segment, keys)

    def known(self, environment: str, segment: str, keys: Sequence[str]) -> MembersAnswer:
        """
        Return what is known of *keys*: all of it was true at the version held, or at a later one.

        Raises NotReady when nothing is.
        """
        replica = self._replicas.get(environment)
        if replica is None or replica.position is None:
            raise NotReady(f"{environment} is not loaded here any more.")
        members = self._cache.of(environment)
        found: dict[Membership, list[str]] = {membership: [] for membership in Membership}
        for key in keys:
            found[members.at_any_age(segment, key)].append(key)
        unknown = found[Membership.UNANSWERED]
        if len(unknown) == len(keys):
            raise NotReady("The parent does not say who is a member.")
        epoch, version = replica.position
        return MembersAnswer(
            environment=environment,
            segment=segment,
            epoch=epoch,
            generation=min(members.generation_of(segment), version),
            version=version,
            in_=tuple(found[Membership.IN]),
            out=tuple(found[Membership.OUT]),
            unknown=tuple(unknown),
        )
