"""Lets many go one after the other, where each that goes costs the node something soon after."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from itertools import islice
from typing import Final, Generic, TypeVar

log = logging.getLogger(__name__)

Member = TypeVar("Member")

AT_ONCE: Final = 100
"""How many go without a wait, after a pause that was long enough."""
_TICK: Final = 0.01


class Spread(Generic[Member]):
    """
    Calls *visit* with each member that was added: the first at once, then *rate* a second.

    Where so many wait that it would take longer than *seconds*, they go faster: the wait is
    bounded, unless the process is too busy to keep to that.
    """

    def __init__(self, visit: Callable[[Member], None], *, rate: float, seconds: float) -> None:
        self._visit, self._rate, self._seconds = visit, rate, seconds
        self._waiting: dict[Member, None] = {}
        self._most_waiting = 0
        self._allowed = float(AT_ONCE)
        self._allowed_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, member: Member) -> None:
        """Visit *member* when its turn comes, once however often it is added until then."""
        if not self._seconds or (not self._waiting and self._may_go()):
            self._visit(member)
            return
        self._waiting[member] = None
        self._most_waiting = max(self._most_waiting, len(self._waiting))
        if self._timer is None:
            self._wind()

    def remove(self, member: Member) -> None:
        """Visit *member* no more."""
        self._waiting.pop(member, None)

    def _may_go(self) -> bool:
        now = asyncio.get_running_loop().time()
        earned = (now - self._allowed_at) * self._rate
        self._allowed, self._allowed_at = min(self._allowed + earned, AT_ONCE), now
        if self._allowed < 1:
            return False
        self._allowed -= 1
        return True

    def _wind(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_TICK, self._on_tick)

    def _on_tick(self) -> None:
        self._timer = None
        pace = max(self._rate, self._most_waiting / self._seconds)
        for member in list(islice(self._waiting, math.ceil(pace * _TICK))):
            if member not in self._waiting:
                continue  # it left because another went
            del self._waiting[member]
            try:
                self._visit(member)
            except Exception:  # one that fails must not keep the others waiting
                log.exception("visit_failed")
        if self._waiting:
            self._wind()
        else:
            self._most_waiting = 0
            self._allowed, self._allowed_at = 0.0, asyncio.get_running_loop().time()
