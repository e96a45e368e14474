"""Who holds how many of a node's streams, so that one key or one address cannot take them all."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from pennon.errors import TooManyRequests
from pennon.model.access import AccessKey
from pennon.web.admission_settings import AdmissionSettings
from pennon.web.client_address import Proxies, neighbourhood
from pennon.web.handler import Request
from pennon.web.seldom import Seldom

log = logging.getLogger(__name__)

_RETURN_SECONDS: Final = 5.0
# Who found no seat comes back after that, and up to as long again.


class Holder(NamedTuple):
    """Whose a seat is: the hash of a key and an address, which is empty where it is not known."""

    key: str
    address: str


class Shares:
    """
    Counts the seats of each key and address, of all kinds of streams that pages hold.

        holder = shares.require(request, key)   # in the handler: may it have one more?
        shares.take(holder)                     # as its feed opens
        shares.give_back(holder)                # as its feed closes

    *random* returns a number in [0, 1). `refused` counts those that found no seat.
    """

    def __init__(
        self,
        settings: AdmissionSettings,
        proxies: Proxies,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._per_key, self._per_address = settings.streams_per_key, settings.streams_per_address
        self._proxies, self._random = proxies, random
        self._keys: dict[str, int] = {}
        self._addresses: dict[str, int] = {}
        self._log = Seldom(time.monotonic)
        self.refused = 0

    def require(self, request: Request, key: AccessKey) -> Holder:
        """Return who would hold the seat. Raises TooManyRequests when it holds all that it may."""
        address = self._proxies.address_of(request)
        whose = "" if self._proxies.trusts(address) else neighbourhood(address)
        holder = Holder(key.hash, whose)
        if 0 < self._per_key <= self._keys.get(holder.key, 0):
            raise self._full("This key holds as many streams as one may.", "--streams-per-key")
        if whose and 0 < self._per_address <= self._addresses.get(whose, 0):
            raise self._full(
                "This address holds as many streams as one may.", "--streams-per-address"
            )
        return holder

    def take(self, holder: Holder) -> None:
        """Count a seat of *holder*."""
        self._keys[holder.key] = self._keys.get(holder.key, 0) + 1
        if holder.address:
            self._addresses[holder.address] = self._addresses.get(holder.address, 0) + 1

    def give_back(self, holder: Holder) -> None:
        """Count one seat less."""
        _less(self._keys, holder.key)
        if holder.address:
            _less(self._addresses, holder.address)

    def _full(self, message: str, setting: str) -> TooManyRequests:
        self.refused += 1
        if self._log.due():
            log.warning("streams_refused", extra={"setting": setting, "in_all": self.refused})
        return TooManyRequests(message, _RETURN_SECONDS * (1 + self._random()))


def _less(counts: dict[str, int], name: str) -> None:
    left = counts[name] - 1
    if left:
        counts[name] = left
    else:
        del counts[name]
