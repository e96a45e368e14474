"""Lets a request wait for an environment that is being opened, if that is soon done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from pennon.relay.access import Access
from pennon.relay.on_demand import BeingOpened
from pennon.relay.replicas import Replicas
from pennon.web.arrivals import Arrivals

PATIENCE_SECONDS: Final = 0.25
"""How long a request waits: what is on disk is open in far less, and what the parent has often."""
_MOST_WAITING: Final = 1_000

T = TypeVar("T")


class OnceOpen:
    """
    Answers when the environment is here, or says after *seconds* that it is not.

    A client that is told to come back serves its defaults until it does. `waiting` counts the
    requests that wait; past a thousand they are told at once.
    """

    def __init__(
        self, replicas: Replicas, access: Access, seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._arrivals, self._seconds = Arrivals(replicas, access), seconds
        self.waiting = 0

    async def answer(self, opening: BeingOpened, answer: Callable[[], T | Awaitable[T]]) -> T:
        """Return what *answer* does once what is being opened is open. Raises what it raises."""
        if self.waiting < _MOST_WAITING:
            self.waiting += 1
            try:
                await self._arrivals.wait((opening.environment,), self._seconds)
            finally:
                self.waiting -= 1
        answered = answer()
        return await answered if isinstance(answered, Awaitable) else answered
