"""
How often something may be done: a token bucket for each of many keys, in bounded memory.

Of each key one number is kept (the "generic cell rate algorithm"): the moment by which all that
was done would have been earned at the steady rate. Each process counts for itself.
"""

from __future__ import annotations

from collections.abc import Callable

from pennon.errors import TooManyAttempts


class Allowance:
    """
    *burst* times at once, and one more every *seconds* after that; *clock* is in seconds.

    Of more than *most* keys those are forgotten that were not tried for longest: there are two
    generations, and what is tried is moved to the younger. To forget is one assignment, whatever
    the number of keys.
    """

    def __init__(
        self, burst: int, seconds: float, clock: Callable[[], float], *, most: int = 10_000
    ) -> None:
        self._seconds, self._clock = seconds, clock
        self._generation = max(most // 2, 1)
        self._slack = (burst - 1) * seconds
        # Sums of floats: the last of a burst is not to be refused for a rounding.
        self._enough = self._slack + seconds / 1000
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def wait(self, key: str) -> float:
        """Return 0 and count once more for *key*; or for how many seconds it has to wait."""
        now = self._clock()
        earned_at = self._young.get(key)
        if earned_at is None:
            earned_at = self._old.get(key, now)
            if len(self._young) >= self._generation:
                self._old, self._young = self._young, {}
        early = earned_at - now
        if early <= self._enough:
            self._young[key] = (earned_at if early > 0 else now) + self._seconds
            return 0.0
        # A clock that was put back makes nobody wait longer than for one more.
        early = min(early, self._slack + self._seconds)
        self._young[key] = now + early
        return early - self._slack

    def take(self, key: str) -> None:
        """Count an attempt. Raises TooManyAttempts, which says when to come back."""
        if wait := self.wait(key):
            raise TooManyAttempts(wait)

    def give_back(self, key: str) -> None:
        """Take an attempt off the count: it was none of those that are to be few."""
        earned_at = self._young.get(key, self._old.get(key))
        if earned_at is not None:
            self._young[key] = earned_at - self._seconds
