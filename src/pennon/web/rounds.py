"""Visits many on one event loop, and lets the rest of the process have its turn meanwhile."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

Member = TypeVar("Member")

PORTION = 256
"""How many are visited before others have a turn: a few milliseconds' work."""
SLICE_SECONDS = 0.003
"""How long a portion may take where one visit may be much more work than another."""
LONGEST_REST = 0.1
"""The longest rest between two rounds, in seconds."""


class Rounds(Generic[Member]):
    """
    Calls *visit* with each member that was added, in rounds.

    Whoever is added while a round goes on comes in the next, once however often it was added, and
    between two rounds is a rest as long as the last one took. So few members are visited at once,
    for *seconds* at most, and with many, news that comes faster than it can be told is gathered:
    telling it never takes more than half of the process.
    """

    def __init__(self, visit: Callable[[Member], None], *, seconds: float = math.inf) -> None:
        self._visit, self._seconds = visit, seconds
        self._due: dict[Member, None] = {}
        self._round: Iterator[Member] | None = None
        self._began = self._rested = 0.0
        self._urgent = False
        self._start: asyncio.Handle | None = None

    def add(self, members: Iterable[Member], *, urgent: bool = False) -> None:
        """Visit *members* soon; where it is *urgent*, without a rest before."""
        self._due.update(dict.fromkeys(members))
        self._urgent = self._urgent or urgent
        if self._round is None and self._due:
            self._plan()

    def _plan(self) -> None:
        """Begin the next round as soon as the rest is over."""
        if self._start is not None:
            if not self._urgent:
                return
            self._start.cancel()
        loop = asyncio.get_running_loop()
        if self._urgent or self._rested <= loop.time():
            self._start = loop.call_soon(self._begin)
        else:
            self._start = loop.call_at(self._rested, self._begin)

    def _begin(self) -> None:
        self._start = None
        self._began = asyncio.get_running_loop().time()
        self._round, self._due, self._urgent = iter(self._due), {}, False
        self._go_on()

    def _go_on(self) -> None:
        assert self._round is not None
        loop = asyncio.get_running_loop()
        until = loop.time() + self._seconds
        visited = 0
        for member in islice(self._round, PORTION):
            visited += 1
            try:
                self._visit(member)
            except Exception:
                log.exception("visit_failed")
            if loop.time() >= until:
                visited = PORTION
                break
        if visited == PORTION:
            loop.call_soon(self._go_on)
            return
        self._round = None
        now = loop.time()
        self._rested = now + min(now - self._began, LONGEST_REST)
        if self._due:
            self._plan()
