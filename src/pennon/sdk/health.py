"""How a client does: in touch, out of touch for how long, and what the trouble is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Literal

from msgspec import Struct

from pennon.model.messages import Message
from pennon.model.position import Position
from pennon.relay.freshness import Freshness
from pennon.relay.source import Source

log = logging.getLogger("pennon.sdk")

ClientState = Literal["starting", "ready", "stale", "offline", "closed"]


class Status(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    How a client does.

    ``"starting"``: nothing is loaded, defaults are served. ``"ready"``: in touch with its edge.
    ``"stale"``: it serves what it has, `stale_ms` old. ``"offline"``: it was told not to ask.
    `trouble` says why there is no stream, while there is none, and `refused` that it is because of
    the key or what that opens. `position` is of what is served.
    """

    state: ClientState
    environment: str | None = None
    position: str | None = None
    stale_ms: int | None = None
    trouble: str | None = None
    refused: bool = False


class Stats(Struct, frozen=True, kw_only=True):
    """
    A client in numbers, since it was made.

    `stale_seconds` is the age of what is served while that is stale, else 0. `streams_lost` counts
    streams that ended or could not be had, `events_told` what the edge took, `events_waiting` what
    it has not, `dropped` what was never told, by sort or reason, and `callbacks_dropped` calls of
    listeners that could not keep up.
    """

    stale_seconds: float
    streams_lost: int
    events_told: int
    events_waiting: int
    dropped: dict[str, int]
    callbacks_dropped: int


def passing_time() -> float:
    """Return seconds that also pass while the machine is suspended, where the system has them."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Health:
    """What is known of the stream; read by every thread."""

    def __init__(self, stale_seconds: float, clock: Callable[[], float] = passing_time) -> None:
        self._stale_seconds, self._clock = stale_seconds, clock
        self.begin()
        self.tried = threading.Event()
        """Set once a stream was had, or could not be."""
        self.trouble: str | None = None
        self.lost = 0
        """How many times the stream was lost or could not be had."""
        self.refused = False
        """Whether the key was refused when it was shown last."""

    def begin(self) -> None:
        """Know nothing: the process was forked, or has just begun."""
        self.freshness = Freshness(self._clock, time.time, stale_seconds=self._stale_seconds)

    def stale_ms(self, environment: str | None) -> int | None:
        """Return for how many milliseconds nothing was heard, or None while that is fresh."""
        return None if environment is None else self.freshness.stale_ms(environment)

    def parents_time(self) -> int:
        """Return the time in epoch milliseconds, as the edge has it as far as is known."""
        return self.freshness.parents_time()

    def failed(self, reason: str, *, refused: bool = False) -> None:
        """
        Note that there is no stream; the log is told once until there is.

        *refused* says that there will be none until the key, or what it opens, is another.
        """
        self.lost += 1
        self.refused = refused
        self.tried.set()
        if self.trouble is None:
            log.warning("Pennon has no stream and goes on with what it has: %s", reason)
        self.trouble = reason

    def heard(self) -> None:
        """Note that there is a stream."""
        if self.trouble is not None:
            log.info("Pennon has its stream again.")
        self.trouble, self.refused = None, False
        if not self.tried.is_set():
            self.tried.set()


class Watched:
    """A source that is noted in a client's health to be heard."""

    def __init__(self, source: Source, health: Health) -> None:
        self._source, self._health = source, health

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        """Yield what the source says; see `Source.messages`."""
        async for message in self._source.messages(positions):
            self._health.heard()
            yield message
