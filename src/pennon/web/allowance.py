"""
How often something may be tried: a token bucket for each of many keys, in bounded memory.

Of each key one number is kept (the "generic cell rate algorithm"): the moment by which all that
was tried would have been earned at the steady rate. Each process counts for itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from pennon.errors import TooManyAttempts


class Allowance:
    """
    *burst* attempts at once, and one more every *seconds* after that; *clock* is in seconds.

    Of more than *most* keys those are forgotten that were not tried for longest.
    """

    def __init__(
        self, burst: int, seconds: float, clock: Callable[[], float], *, most: int = 10_000
    ) -> None:
        self._seconds, self._clock, self._most = seconds, clock, most
        self._slack = (burst - 1) * seconds
        self._earned_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> None:
        """Count an attempt. Raises TooManyAttempts, which says when to come back."""
        now = self._clock()
        earned_at = self._at(key, now)
        if earned_at - now > self._slack:
            raise TooManyAttempts(earned_at - now - self._slack)
        self._earned_at[key] = earned_at + self._seconds
        self._earned_at.move_to_end(key)
        if len(self._earned_at) > self._most:
            self._earned_at.popitem(last=False)

    def give_back(self, key: str) -> None:
        """Take an attempt off the count: it was none of those that are to be few."""
        self._earned_at[key] = self._at(key, self._clock()) - self._seconds

    def _at(self, key: str, now: float) -> float:
        """Return when a key's attempts are earned; a clock put back makes nobody wait longer."""
        return min(max(self._earned_at.get(key, now), now), now + self._slack + self._seconds)


def neighbourhood(address: str) -> str:
    """Return who is taken for one: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return address
