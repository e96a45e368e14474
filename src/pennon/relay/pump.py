"""The pump: takes messages from a source to the replicas, and asks again when it must."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing

from pennon.errors import BadInput, SourceLost
from pennon.model.messages import (
    Change,
    Contact,
    Goodbye,
    Heartbeat,
    Message,
    Snapshot,
    Unreadable,
)
from pennon.model.position import ACCESS, Position
from pennon.relay.backoff import Backoff
from pennon.relay.refusals import Refusals
from pennon.relay.replica import Replica, Verdict
from pennon.relay.replicas import Replicas
from pennon.relay.source import Source

log = logging.getLogger(__name__)

HEALTHY_SECONDS = 60.0
"""A connection that lasted this long resets the back-off."""
MOST_SECONDS = 3600.0
"""The longest wait that a parent may ask for."""

_ASK_AGAIN = (Verdict.GAP, Verdict.DRIFT)
_REFUSED = (Verdict.SHRUNK, Verdict.UNREADABLE)


class _Held(Mapping[str, Position | None]):
    """
    The position to ask each environment from, as the replicas stand when it is read.

    One that was dropped meanwhile is asked for no more.
    """

    def __init__(self, replicas: Replicas, asked: Mapping[str, Replica]) -> None:
        self._replicas, self._asked = replicas, asked

    def __getitem__(self, environment: str) -> Position | None:
        return self._asked[environment].asks_from

    def __iter__(self) -> Iterator[str]:
        return (name for name in sorted(self._asked) if name in self._replicas)

    def __len__(self) -> int:
        return sum(name in self._replicas for name in self._asked)


class Pump:
    """
    Follows one source for as long as it runs.

    *wanted* returns the environments to follow and is asked again after every message, so that a
    grant or its end takes effect at once. Where *is_outdated* is given, it says of what the source
    was asked for whether that is so far from what is wanted that it must be asked again; `look_up`
    has the pump see to that without a message. *heard* is called with every message that was not
    refused: a parent that says what cannot be taken is no contact with a healthy one. *judged* is
    called with every message and what became of it. *lost* is told of each loss of the source, in
    place of the log.
    Clock and sleep are passed in; both are in seconds.

    A parent that refuses one environment refuses the whole stream. The pump then asks for
    `$access` alone, from which it learns what it may ask for by now. An environment that the
    pump refuses, because it has shrunk or cannot be read, does not cut the others off: what is
    said of it is let pass, but for a whole that may be better, and soon it is asked for again.
    """

    def __init__(
        self,
        source: Source,
        replicas: Replicas,
        wanted: Callable[[], frozenset[str]],
        *,
        backoff: Backoff,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        heard: Callable[[Message], None] = lambda message: None,
        judged: Callable[[Message, Verdict], None] = lambda message, verdict: None,
        is_outdated: Callable[[frozenset[str]], bool] | None = None,
        lost: Callable[[SourceLost], None] | None = None,
    ) -> None:
        self._is_outdated = is_outdated or (lambda asked: wanted() != asked)
        self._source, self._replicas, self._wanted = source, replicas, wanted
        self._backoff, self._clock, self._sleep, self._heard = backoff, clock, sleep, heard
        self._judged, self._refusals = judged, Refusals(clock)
        self._lost = lost or _log_loss
        self.attempts = 0
        """How many times the source was asked."""
        self.asked_at = clock()
        """When it was asked last."""
        self.unreadable = 0
        """How many messages could not be read, nor be told to be of one environment."""
        self.connected = False
        """Whether the source is being listened to and has said something."""
        self._refused = False
        self._asked: dict[str, Replica] = {}
        self._wanted_before: frozenset[str] = frozenset()
        self._listening: asyncio.Timeout | None = None

    def look_up(self) -> None:
        """Ask the source again if what it was asked for is outdated, though it says nothing."""
        listening = self._listening
        if listening is None or not self.connected or listening.expired():
            return  # it is being asked again as it is
        if self._is_outdated(self._wanted_before):
            listening.reschedule(0.0)

    async def run(self) -> None:
        """Follow the source until cancelled."""
        started = self._clock()
        while True:
            wait = await self._follow()
            if self._clock() - started >= HEALTHY_SECONDS:
                self._backoff.reset()
            if wait is not None:
                # Jitter on top of the wait asked for: else all followers come back at one moment.
                await self._sleep(min(wait, MOST_SECONDS) + self._backoff.next())
                started = self._clock()

    async def _follow(self) -> float | None:
        """Ask once; return how long to wait at least, or None to ask again without waiting."""
        wanted = self._wanted()
        asked = frozenset({ACCESS}) if self._refused and ACCESS in wanted else wanted
        self._refused = False
        self._replicas.keep(wanted)
        self._asked = {name: self._replicas.open(name) for name in asked}
        self._wanted_before = wanted
        self.attempts += 1
        self.asked_at = self._clock()
        try:
            self._refusals.begin()
            async with asyncio.timeout(None) as self._listening:
                return await self._listen(wanted)
        except SourceLost as error:
            self._lost(error)
            self._refused = error.refused
            return error.retry_after or 0.0
        except BadInput as error:
            self.unreadable += 1
            log.error("message_unreadable", extra={"reason": str(error)})
        except Exception:
            if self._listening and self._listening.expired():
                return None  # cut short by `look_up`
            # A fault of ours must not end the only thing that keeps the node current.
            log.exception("source_failed")
        finally:
            self.connected = False
        return 0.0

    async def _listen(self, wanted: frozenset[str]) -> float | None:
        """Take what the source says until it must be asked again; return as `_follow` does."""
        positions = _Held(self._replicas, self._asked)
        async with aclosing(self._source.messages(positions)) as messages:
            try:
                async for message in messages:
                    self.connected = True
                    if isinstance(message, Goodbye):
                        return max(message.retry_after_ms / 1000, 0.0)
                    if self._refusals.due:
                        return None
                    if not isinstance(message, Contact):
                        verdict = self._take(message)
                        if verdict in _ASK_AGAIN:
                            return 0.0
                        if verdict is None or verdict in _REFUSED:
                            continue
                    self._heard(message)
                    if self._is_outdated(wanted):
                        return None
                    if self._asked.keys() != wanted and isinstance(message, (Heartbeat, Snapshot)):
                        return 0.0
            finally:
                self.connected = False
        return 0.0

    def _take(self, message: Change | Snapshot | Heartbeat | Unreadable) -> Verdict | None:
        """Return what became of *message*, or None when it was let pass."""
        environment = message.environment
        if environment in self._refusals and isinstance(message, (Change, Heartbeat)):
            return None
        held = self._replicas.get(environment)
        if held is not None and held is not self._asked.get(environment):
            return None  # it was dropped and opened again since, and is yet to be asked for
        verdict = self._replicas.take(message)
        self._judged(message, verdict)
        if verdict in _REFUSED:
            self._refusals.refuse(environment)
        elif verdict in (Verdict.APPLIED, Verdict.KNOWN):
            self._refusals.lift(environment)
        return verdict


def _log_loss(error: SourceLost) -> None:
    log.warning("source_lost", extra={"reason": str(error)})
