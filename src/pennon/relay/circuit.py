"""Whether somebody who did not answer is to be waited for again."""

from __future__ import annotations

from collections.abc import Callable


class Circuit:
    """
    Open from a failure on, until an answer comes: nobody waits meanwhile.

    While it is open, one at a time may try whether there is an answer again: *first* seconds
    after the failure, then ever later, up to *most*. Another *whom*, such as the address of the
    next parent, has not failed yet. *random* returns a number in [0, 1).
    """

    def __init__(
        self,
        clock: Callable[[], float],
        random: Callable[[], float],
        *,
        whom: Callable[[], str] = lambda: "",
        first: float = 0.5,
        most: float = 10.0,
    ) -> None:
        self._clock, self._random, self._whom = clock, random, whom
        self._first, self._most = first, most
        self._failed: str | None = None
        self._pause, self._due = 0.0, 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last attempt at whom it would be now has failed."""
        return self._failed is not None and self._failed == self._whom()

    def may_try(self) -> bool:
        """Return whether to ask; while it is open, the next may only after a pause."""
        if not self.is_open:
            return True
        if self._clock() < self._due:
            return False
        self._rest()
        return True

    def failed(self) -> None:
        """Note that no answer came; many who waited for the same are one failure."""
        if not self.is_open:
            self._failed, self._pause = self._whom(), 0.0
            self._rest()

    def worked(self) -> None:
        """Note that an answer came."""
        self._failed, self._pause = None, 0.0

    def _rest(self) -> None:
        self._pause = min(max(2 * self._pause, self._first), self._most)
        self._due = self._clock() + self._pause * (0.5 + self._random() / 2)
