"""One question about external members: asked, taken into the cache, and counted."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from pennon.errors import PennonError, SourceLost
from pennon.model.members import MembersAnswer
from pennon.relay.circuit import Circuit
from pennon.relay.latencies import Latencies
from pennon.relay.membership import MembershipCache

log = logging.getLogger(__name__)

Lookup = Callable[[str, str, Sequence[str]], Awaitable[MembersAnswer]]
"""
Asks which of some keys are in a segment of an environment: the parent, or the database.

Raises SourceLost when nobody answers, and another error of ours when it cannot be said.
"""

LOOKUP_SECONDS: Final = 1.0
"""How long an answer may take; then whoever is asked is taken for away."""
_ATTEMPTS: Final = 2


class MemberQuestions:
    """
    Asks *lookup* and has *cache* take the answer; *whom* names who would be asked now.

    Once nobody answers, `away` holds until somebody does. `outcomes` counts the questions by what
    came of them, `keys` the keys that were in them.
    """

    def __init__(
        self,
        lookup: Lookup,
        cache: MembershipCache,
        *,
        whom: Callable[[], str] = lambda: "",
        patience: float = LOOKUP_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._lookup, self._cache, self._clock = lookup, cache, clock
        self._patience = patience
        self._circuit = Circuit(clock, random, whom=whom)
        self._told: set[tuple[str, str]] = set()  # of what the log says that it is not known
        self.outcomes: Counter[str] = Counter()
        self.keys = 0
        self.latencies = Latencies()

    @property
    def away(self) -> bool:
        """Whether nobody answers, as far as is known: who waits would wait in vain."""
        return self._circuit.is_open

    async def ask(self, environment: str, segment: str, keys: Sequence[str]) -> bool:
        """Return whether the cache knows of all *keys* by now; it is never raised for."""
        for _ in range(_ATTEMPTS):
            if not self._circuit.may_try():
                return False
            answer = await self._ask(environment, segment, keys)
            if answer is None:
                return False
            if self._cache.take(answer, keys):
                self.outcomes["answered"] += 1
                self._told.discard((environment, segment))
                return not answer.unknown
            # The members have changed since, or the environment begins anew: that is asked again.
            self.outcomes["outdated"] += 1
        return False

    async def _ask(
        self, environment: str, segment: str, keys: Sequence[str]
    ) -> MembersAnswer | None:
        began = self._clock()
        self.keys += len(keys)
        try:
            async with asyncio.timeout(self._patience):
                answer = await self._lookup(environment, segment, keys)
        except (SourceLost, TimeoutError) as error:
            self._circuit.failed()
            self._note("lost", environment, segment, error)
            return None
        except PennonError as error:  # an answer as well, if one that says nothing
            self._circuit.worked()
            self._note("refused", environment, segment, error)
            return None
        except Exception:
            self._circuit.failed()
            self.outcomes["failed"] += 1
            log.exception("members_not_known", extra={"environment": environment})
            return None
        self._circuit.worked()
        self.latencies.add(self._clock() - began)
        return answer

    def _note(self, outcome: str, environment: str, segment: str, error: Exception) -> None:
        """Count a question that failed; the log tells of the first, and not of each."""
        self.outcomes[outcome] += 1
        if (environment, segment) not in self._told:
            self._told.add((environment, segment))
            reason = str(error) or type(error).__name__
            extra = {"environment": environment, "segment": segment, "reason": reason}
            log.warning("members_not_known", extra=extra)
