"""Who holds how many connections, so that one address cannot hold them all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from pennon.errors import NotReady, PennonError, TooManyRequests
from pennon.web.bare.limits import Limits
from pennon.web.client_address import Proxies, neighbourhood
from pennon.web.process import room_for_connections
from pennon.web.seldom import Seldom

log = logging.getLogger(__name__)

_RETURN_SECONDS: Final = 5.0


class Crowd:
    """
    Counts connections, in all and by address; an IPv6 address counts as its /64.

    Those of *proxies* are not counted by address: they stand for too many. `refused` counts those
    that were; the log has it once a minute at most. *now* is in seconds.
    """

    def __init__(self, limits: Limits, proxies: Proxies, now: Callable[[], float]) -> None:
        # Where the files run out first, nobody could even be told.
        self._most = min(limits.connections, room_for_connections())
        self._most_of_one = limits.connections_per_address
        self._proxies = proxies
        self._held: dict[str, int] = {}
        self._log = Seldom(now)
        self.size = 0
        self.refused = 0

    def enter(self, address: str) -> PennonError | None:
        """Take a connection in, or return why there is no room for it."""
        if self.size >= self._most:
            self._refuse("--connections")
            return NotReady("This node holds as many connections as it may.", _RETURN_SECONDS)
        if self._most_of_one and not self._proxies.trusts(address):
            whose = neighbourhood(address)
            held = self._held.get(whose, 0)
            if held >= self._most_of_one:
                self._refuse("--connections-per-address")
                return TooManyRequests(
                    "This address holds as many connections as one may.", _RETURN_SECONDS
                )
            self._held[whose] = held + 1
        self.size += 1
        return None

    def leave(self, address: str) -> None:
        """Forget a connection that was taken in."""
        self.size -= 1
        if self._most_of_one and not self._proxies.trusts(address):
            whose = neighbourhood(address)
            left = self._held[whose] - 1
            if left:
                self._held[whose] = left
            else:
                del self._held[whose]

    def _refuse(self, setting: str) -> None:
        self.refused += 1
        if self._log.due():
            log.warning("connections_refused", extra={"setting": setting, "in_all": self.refused})
