"""Whether pages may hold an environment in memory, by following it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pennon.relay.working_set import WorkingSet

SHARE: Final = 0.75
"""Of the budget; the rest is for what is asked for by turns."""
_LOOKED_EVERY: Final = 0.25
# In seconds: what all the others take is not summed up for every request.


class Holdable:
    """
    Says so while what is held takes no more than its share of the budget; *clock* is in seconds.

    What is followed never goes. Nearly every page follows its environment if it may, so that
    without this the budget would be what all of them take together. Whoever may not asks now and
    then. What is pinned or *in_use* is held already, and one may always be; and where everything
    *granted* fits, nothing has to go.
    """

    def __init__(
        self,
        working_set: WorkingSet,
        in_use: Callable[[str], bool],
        granted: Callable[[], frozenset[str]],
        clock: Callable[[], float],
    ) -> None:
        self._working_set, self._in_use = working_set, in_use
        self._granted, self._clock = granted, clock
        self._looked_at = float("-inf")
        self._sizes: dict[str, int] = {}
        self._all_fit = self._is_any_held = False
        self._held = 0
        self._lately: set[str] = set()

    def __call__(self, environment: str) -> bool:
        """Return whether *environment*, which is here, may be followed."""
        if environment in self._working_set.pinned or self._in_use(environment):
            return True
        if self._clock() >= self._looked_at + _LOOKED_EVERY:
            self._look()
        if self._all_fit or environment in self._lately:
            return True
        if environment not in self._sizes:
            self._sizes = self._working_set.sizes  # it was opened since
        held = self._held + self._sizes.get(environment, 0)
        if self._is_any_held and held > SHARE * self._working_set.budget:
            return False
        # Whoever may does so in a moment, and others ask in the same.
        self._lately.add(environment)
        self._held, self._is_any_held = held, True
        return True

    def _look(self) -> None:
        working_set, self._looked_at = self._working_set, self._clock()
        sizes = self._sizes = working_set.sizes
        pinned = working_set.pinned & sizes.keys()
        followed = {name for name in sizes.keys() - pinned if self._in_use(name)}
        self._held = sum(sizes[name] for name in followed | pinned)
        self._is_any_held = bool(followed)
        self._lately.clear()
        is_all_here = len(working_set) >= len(self._granted())
        self._all_fit = is_all_here and working_set.used <= working_set.budget
