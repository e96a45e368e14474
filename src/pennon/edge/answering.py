"""
Evaluation on a node: at once with what is known of external members, else as soon as it is.

An `Answer` is given at once where no external segment is reached, or all keys are known; else an
awaitable of one, which is ready within the deadline. To use it, with an `Answering`::

    answer = self._answering.all(scope, context, client_side=scope.client_side)
    if isinstance(answer, Answer):
        return self._respond(answer)
    return self._respond_later(answer)

After a wait the ruleset may have moved: the `scope` of the answer is the one to speak of, and not
the one that was asked with. `complete` is False where a membership was not known in time: such an
answer holds for the moment only, and nobody is to keep it, so it has no ETag.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from msgspec import Struct

from pennon.edge.scope import ClientSide, Scope
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Memberships
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.members import Membership
from pennon.relay.environment_members import EnvironmentMembers
from pennon.relay.member_lookups import MemberLookups
from pennon.relay.membership import MembershipCache

DEADLINE_SECONDS: Final = 0.1
"""How long an answer waits at most, unless a setting says otherwise."""
_MOST_ROUNDS: Final = 64
"""How often at most something more is asked for one answer: chains of flags are 32 deep."""

_Evaluate = Callable[[Ruleset, Memberships], Sequence[Detail]]


class Answer(Struct, frozen=True, gc=False):
    """What flags serve a context, in which scope, and whether all memberships were known."""

    scope: Scope
    details: Sequence[Detail]
    complete: bool


class Answering:
    """
    Evaluates with what *cache* knows, and has *lookups* ask for the rest.

    *renew* gives a scope as it is now. `waited` counts the answers that had to wait, and `late`
    those that were given without all that they needed.
    """

    def __init__(
        self,
        cache: MembershipCache,
        lookups: MemberLookups,
        renew: Callable[[Scope], Scope],
        *,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._cache, self._lookups, self._renew = cache, lookups, renew
        self._deadline = deadline
        self.waited = 0
        self.late = 0

    def one(self, scope: Scope, flag: str, context: Context) -> Answer | Awaitable[Answer]:
        """Return what *flag* serves *context*."""
        members = self._cache.of(scope.environment)
        before = members.misses
        detail = evaluate(scope.ruleset, flag, context, members.known)
        # Nothing else runs meanwhile: a miss more was a miss of this evaluation.
        if members.misses == before:
            return Answer(scope, (detail,), True)
        return self._later(scope, lambda flags, known: (evaluate(flags, flag, context, known),))

    def all(
        self, scope: Scope, context: Context, *, client_side: ClientSide | None
    ) -> Answer | Awaitable[Answer]:
        """Return what every flag serves *context* that *client_side* may see (None: all)."""
        members = self._cache.of(scope.environment)
        before = members.misses
        details = evaluate_all(
            scope.ruleset, context, client_side=client_side, memberships=members.known
        )
        if members.misses == before:
            return Answer(scope, details, True)
        return self._later(
            scope,
            lambda flags, known: evaluate_all(
                flags, context, client_side=client_side, memberships=known
            ),
        )

    async def _later(self, scope: Scope, evaluate: _Evaluate) -> Answer:
        """Ask and evaluate again: until nothing is missing, or it is no use, or the time is up."""
        self.waited += 1
        with suppress(TimeoutError):
            async with asyncio.timeout(self._deadline):
                for _ in range(_MOST_ROUNDS):
                    scope = self._renew(scope)
                    missing = _Missing(self._cache.of(scope.environment))
                    details = evaluate(scope.ruleset, missing.known)
                    if not missing.wanted:
                        return Answer(scope, details, True)
                    if not await self._lookups.learn(scope.environment, missing.wanted):
                        break
        scope = self._renew(scope)
        details = evaluate(scope.ruleset, self._cache.of(scope.environment).at_any_age)
        complete = not any(detail.membership_unknown for detail in details)
        self.late += not complete
        return Answer(scope, details, complete)


class _Missing:
    """Answers with what is known, and notes what is not: segments with keys."""

    def __init__(self, members: EnvironmentMembers) -> None:
        self._members = members
        self.wanted: set[tuple[str, str]] = set()

    def known(self, segment: str, key: str) -> Membership:
        membership = self._members.find(segment, key)
        if membership is Membership.UNANSWERED:
            self.wanted.add((segment, key))
        return membership
