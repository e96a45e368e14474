"""
Which of several parents to follow: pure, told what happened and asked what to do.

Parents stand in order of preference. When the one that is followed is lost, the next is asked at
once; each keeps a back-off of its own. A parent that is preferred to the one that is followed gets
its followers back only once it has been healthy for a while, each of them a little later than the
last, so that a region does not move as a herd.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pennon.relay.backoff import Backoff

HEALTHY_SECONDS: Final = 60.0
"""A parent that was followed for this long is asked again as if it had never been lost."""
MOST_SECONDS: Final = 3600.0
"""The longest wait that a parent may ask for."""
_MOST_DOUBLINGS: Final = 5


class _Parent:
    def __init__(self, backoff: Backoff) -> None:
        self.backoff = backoff
        self.free_at = 0.0
        """Not to be asked before."""
        self.followed_at: float | None = None
        self.returns_at: float | None = None
        """When it may have its followers back, if it stays as healthy as it is; else None."""
        self.returned_to = False
        self.disappointed = 0
        """How often it was gone back to and lost again soon."""


class Preference:
    """
    The choice among *count* parents, numbered from 0, the most preferred.

    *clock* is in seconds and *random* gives a number in [0, 1). A preferred parent must be healthy
    for *settle* seconds, and up to as long again, before it is moved to.
    """

    def __init__(
        self,
        count: int,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        settle: float = 30.0,
    ) -> None:
        self._clock, self._random, self._settle = clock, random, settle
        self._parents = [_Parent(Backoff(random)) for _ in range(count)]
        self.followed: int | None = None
        """The parent that is followed, or that was when it last could be."""

    def choose(self) -> tuple[int, float]:
        """Return the parent to ask now, and how many seconds to wait before."""
        now = self._clock()
        if self.followed is not None and self._parents[self.followed].free_at <= now:
            return self.followed, 0.0
        free = [max(parent.free_at - now, 0.0) for parent in self._parents]
        wait = min(free)
        return free.index(wait), wait

    def has_other(self, number: int) -> bool:
        """Return whether some parent beside *number* may be asked at once."""
        now = self._clock()
        return any(n != number and p.free_at <= now for n, p in enumerate(self._parents))

    def follow(self, number: int) -> None:
        """Note that *number* is followed from now on."""
        parent = self._parents[number]
        if number == self.followed and parent.followed_at is not None:
            return  # asked again by a pump that has met a gap
        parent.returned_to = self.followed is not None and number < self.followed
        self.followed = number
        parent.followed_at, parent.returns_at = self._clock(), None

    def lost(self, number: int, retry_after: float | None = None) -> None:
        """Note that *number* was lost, or said goodbye and when to come back."""
        parent, now = self._parents[number], self._clock()
        followed_for = 0.0 if parent.followed_at is None else now - parent.followed_at
        if followed_for >= HEALTHY_SECONDS:
            parent.backoff.reset()
            parent.disappointed = 0
        elif parent.followed_at is not None and parent.returned_to:
            parent.disappointed = min(parent.disappointed + 1, _MOST_DOUBLINGS)
        # Jitter on top of the wait asked for: else all followers come back at one moment.
        wait = min(max(retry_after or 0.0, 0.0), MOST_SECONDS)
        parent.free_at = now + wait + parent.backoff.next()
        parent.followed_at = parent.returns_at = None

    def to_probe(self, *, out_of_touch: bool) -> list[int]:
        """Return the parents whose health matters: the preferred, or all others in need."""
        if self.followed is None:
            return []
        others = range(len(self._parents)) if out_of_touch else range(self.followed)
        return [number for number in others if number != self.followed]

    def probed(self, number: int, *, healthy: bool) -> None:
        """Note what a look at *number* showed."""
        parent = self._parents[number]
        if not healthy:
            parent.returns_at = None
        elif parent.returns_at is None:
            settle = self._settle * 2**parent.disappointed
            parent.returns_at = self._clock() + settle * (1 + self._random())

    def better(self, *, out_of_touch: bool) -> int | None:
        """
        Return the parent to move to, or None to stay.

        While the followed one is *out_of_touch* with those above it, any healthy one is better.
        """
        now = self._clock()
        for number in self.to_probe(out_of_touch=out_of_touch):
            parent = self._parents[number]
            healthy = parent.returns_at is not None and parent.free_at <= now
            if healthy and (out_of_touch or (parent.returns_at or now) <= now):
                return number
        return None
