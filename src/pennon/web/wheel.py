"""One timer for many: each is visited once a period, and never all of them at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Generic, TypeVar

log = logging.getLogger(__name__)

Member = TypeVar("Member")

_SLOTS: Final = 61
# A prime: members are spread by their addresses, which are multiples of powers of two.
_SHORTEST_TICK: Final = 0.01


class Wheel(Generic[Member]):
    """
    Calls *visit* with each member once in *period* seconds, for as long as it is one.

    The members are spread over the period, so that ten thousand do not come in one burst.
    Its timer runs while it has members.
    """

    def __init__(self, period: float, visit: Callable[[Member], None]) -> None:
        self._visit = visit
        count = min(max(int(period / _SHORTEST_TICK), 1), _SLOTS)
        self._tick = period / count
        self._slots: list[set[Member]] = [set() for _ in range(count)]
        self._hand = 0
        self._due = 0.0
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, member: Member) -> None:
        """Visit *member* from now on."""
        self._slot(member).add(member)
        self._count += 1
        if self._timer is None:
            self._due = asyncio.get_running_loop().time()
            self._wind()

    def remove(self, member: Member) -> None:
        """Visit *member* no more."""
        self._slot(member).remove(member)
        self._count -= 1
        if not self._count and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def turn(self) -> None:
        """Visit those whose turn it is."""
        self._hand = (self._hand + 1) % len(self._slots)
        for member in tuple(self._slots[self._hand]):
            try:
                self._visit(member)
            except Exception:  # one that fails must not silence those after it, turn for turn
                log.exception("visit_failed")

    def _slot(self, member: Member) -> set[Member]:
        return self._slots[hash(member) % len(self._slots)]

    def _wind(self) -> None:
        # From when it was due: a loop that is late once does not stay so.
        self._due += self._tick
        self._timer = asyncio.get_running_loop().call_at(self._due, self._on_tick)

    def _on_tick(self) -> None:
        self._wind()
        self.turn()
