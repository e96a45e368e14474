"""What one may ask of a node that evaluates: how often, how much at once, and how many streams."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from pennon.errors import TooManyRequests
from pennon.model.access import AccessKey
from pennon.web.admission_settings import AdmissionSettings
from pennon.web.allowance import Allowance
from pennon.web.client_address import neighbourhood
from pennon.web.handler import Request
from pennon.web.problem import HttpError
from pennon.web.shares import Shares

_MOST_ADDRESSES: Final = 100_000
# About 20 MB when they are all different; keys are counted once they are known to be right.


class Admission:
    """
    Counts the requests of each key and each address; *clock* is in seconds.

    An IPv6 address counts as its /64, and a trusted proxy that tells of no client is let through:
    it stands for too many. `refused_keys` and `refused_addresses` count what was refused, and
    `shares` are the streams that each holds.
    """

    def __init__(
        self,
        settings: AdmissionSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._proxies = settings.proxies
        self._most_bytes = settings.context_bytes
        self.shares = Shares(settings, self._proxies)
        self._keys = _allowance(settings.key_rate, settings, clock)
        self._addresses = _allowance(settings.address_rate, settings, clock)
        self.refused_keys = self.refused_addresses = 0

    def measure(self, request: Request) -> None:
        """Raise HttpError for 413 where what is to be evaluated for is too large."""
        if len(request.body) > self._most_bytes:
            raise HttpError(413, f"Expected a context of at most {self._most_bytes} bytes.")

    def admit(self, request: Request, key: AccessKey) -> None:
        """Count a request of the holder of *key*. Raises TooManyRequests."""
        if self._addresses is not None:
            address = self._proxies.address_of(request)
            known = not self._proxies.trusts(address)
            if known and (wait := self._addresses.wait(neighbourhood(address))):
                self.refused_addresses += 1
                raise TooManyRequests("More is asked from this address than is allowed.", wait)
        if self._keys is not None and (wait := self._keys.wait(key.hash)):
            self.refused_keys += 1
            raise TooManyRequests("More is asked with this key than is allowed.", wait)


def _allowance(
    rate: float, settings: AdmissionSettings, clock: Callable[[], float]
) -> Allowance | None:
    if not rate:
        return None
    burst = max(1, round(rate * settings.burst_seconds))
    return Allowance(burst, 1 / rate, clock, most=_MOST_ADDRESSES)
