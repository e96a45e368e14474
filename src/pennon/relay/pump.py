"""The pump: takes messages from a source to the replicas, and asks again when it must."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from pennon.errors import BadInput, SourceLost
from pennon.model.messages import Goodbye, Message
from pennon.relay.backoff import Backoff
from pennon.relay.replica import Verdict
from pennon.relay.replicas import Replicas
from pennon.relay.source import Source

log = logging.getLogger(__name__)

HEALTHY_SECONDS = 60.0
"""A connection that lasted this long resets the back-off."""

_ASK_AGAIN = (Verdict.GAP, Verdict.DRIFT, Verdict.SHRUNK)


class Pump:
    """
    Follows one source for as long as it runs.

    *wanted* returns the environments to follow and is asked again after every message, so that a
    grant or its end takes effect at once. *heard* is called with every message that arrives.
    Clock and sleep are passed in; both are in seconds.
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
    ) -> None:
        self._source, self._replicas, self._wanted = source, replicas, wanted
        self._backoff, self._clock, self._sleep, self._heard = backoff, clock, sleep, heard
        self.attempts = 0
        """How many times the source was asked."""

    async def run(self) -> None:
        """Follow the source until cancelled."""
        while True:
            started = self._clock()
            retry_after = await self._follow()
            if retry_after is None:
                continue
            if self._clock() - started >= HEALTHY_SECONDS:
                self._backoff.reset()
            await self._sleep(max(self._backoff.next(), retry_after))

    async def _follow(self) -> float | None:
        """Ask once; return how long to wait at least, or None to ask again without waiting."""
        wanted = self._wanted()
        self._replicas.keep(wanted)
        positions = {
            environment: self._replicas.open(environment).asks_from
            for environment in sorted(wanted)
        }
        self.attempts += 1
        try:
            async with aclosing(self._source.messages(positions)) as messages:
                async for message in messages:
                    self._heard(message)
                    if isinstance(message, Goodbye):
                        return message.retry_after_ms / 1000
                    if self._replicas.take(message) in _ASK_AGAIN:
                        return 0.0
                    if self._wanted() != wanted:
                        return None
        except SourceLost as error:
            log.warning("source_lost", extra={"reason": str(error)})
            return error.retry_after or 0.0
        except BadInput as error:
            log.error("message_unreadable", extra={"reason": str(error)})
        return 0.0
