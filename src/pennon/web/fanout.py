"""Wakes the streams that have something to send."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from pennon.errors import NotReady
from pennon.model.messages import Change, Snapshot
from pennon.model.position import ACCESS
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas


class Fanout:
    """
    Seats for the followers of one node, each woken when one of its environments moves.

    A change of `$access` wakes every seat, so that a revoked key ends its streams at once.
    """

    def __init__(self, replicas: Replicas, *, most_seats: int = 20_000) -> None:
        self._most_seats = most_seats
        self._seats: dict[str, set[asyncio.Event]] = {}
        self._taken = 0
        self.draining = False
        replicas.watch(self._on_news)

    @property
    def taken(self) -> int:
        """How many followers are seated."""
        return self._taken

    def require_seat(self) -> None:
        """Raise NotReady when there is no seat to be had."""
        if self.draining or self._taken >= self._most_seats:
            raise NotReady("This node takes no more followers.", retry_after=5.0)

    @contextmanager
    def seat(self, environments: Collection[str]) -> Iterator[asyncio.Event]:
        """Give an event that is set when there may be something to send."""
        wake = asyncio.Event()
        wake.set()  # a key revoked, or a drain begun, while the follower was on its way here
        self._taken += 1
        for environment in {*environments, ACCESS}:
            self._seats.setdefault(environment, set()).add(wake)
        try:
            yield wake
        finally:
            self._taken -= 1
            for environment in {*environments, ACCESS}:
                self._seats[environment].discard(wake)

    def drain(self) -> None:
        """Take no more followers and wake all, so that each can be told to leave."""
        self.draining = True
        for seats in self._seats.values():
            for wake in seats:
                wake.set()

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        for wake in self._seats.get(replica.environment, ()):
            wake.set()
