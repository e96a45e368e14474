"""The seats of a node's followers, looked at when one of their environments moves."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Final, Protocol

from pennon.errors import NotReady
from pennon.model.messages import Change, Snapshot
from pennon.model.position import ACCESS
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas
from pennon.web.rounds import Rounds

_RETURN_SECONDS: Final = 5.0
# A follower that found no seat comes back after that, and up to as long again.

Environments = tuple[str, ...]


class Seated(Protocol):
    """Someone who follows."""

    def look(self) -> None:
        """Tell what there is to tell by now."""
        ...


class Fanout:
    """
    Seats for the followers of one node, each looked at when one of its environments moves.

    A change of `$access` has all looked at, and at once, so that a revoked key ends its streams.
    Others have a turn after *seconds* of looking, where one look may be more work than another.
    *random* returns a number in [0, 1).
    """

    def __init__(
        self,
        replicas: Replicas,
        *,
        most_seats: int = 20_000,
        seconds: float = math.inf,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._most_seats, self._random = most_seats, random
        # By what they follow: most followers of a node follow the same.
        self._seats: dict[Environments, dict[Seated, None]] = {}
        self._followed: dict[str, set[Environments]] = {}
        self._rounds = Rounds[Seated](lambda seat: seat.look(), seconds=seconds)
        self._also_drained: list[Fanout] = []
        self.draining = False
        self.taken = 0
        """How many followers are seated."""
        self.refused = 0
        """How many found no seat."""
        replicas.watch(self._on_news)
        replicas.is_used_by(lambda environment: bool(self._followed.get(environment)))

    def require_seat(self) -> None:
        """Raise NotReady when there is no seat to be had; those who come back are spread."""
        if self.draining or self.taken >= self._most_seats:
            self.refused += 1
            wait = _RETURN_SECONDS * (1 + self._random())
            raise NotReady("This node takes no more followers.", retry_after=wait)

    def take(self, seat: Seated, environments: Environments) -> None:
        """Look at *seat* whenever one of *environments* has news."""
        if environments not in self._seats:
            self._seats[environments] = {}
            for environment in environments:
                self._followed.setdefault(environment, set()).add(environments)
        self._seats[environments][seat] = None
        self.taken += 1

    def give_back(self, seat: Seated, environments: Environments) -> None:
        """Look at *seat* no more."""
        del self._seats[environments][seat]
        self.taken -= 1
        if not self._seats[environments]:
            del self._seats[environments]
            for environment in environments:
                self._followed[environment].discard(environments)

    def drain(self) -> None:
        """Take no more followers and look at all, so that each can be told to leave."""
        self.draining = True
        self._look_at_all()
        for other in self._also_drained:
            other.drain()

    def drains_too(self, other: Fanout) -> None:
        """Have *other*, with seats of another kind on the same node, drain with this."""
        self._also_drained.append(other)

    def _look_at_all(self) -> None:
        for seats in self._seats.values():
            self._rounds.add(seats, urgent=True)

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        if replica.environment == ACCESS:
            self._look_at_all()
            return
        for environments in self._followed.get(replica.environment, ()):
            self._rounds.add(self._seats[environments])
