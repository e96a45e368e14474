"""How long ago a healthy parent was heard, for each environment."""

from __future__ import annotations

from collections.abc import Callable

from pennon.model.messages import Change, Heartbeat, Message, Snapshot


class Freshness:
    """
    Says when an environment is stale: no message of its own for *stale_seconds*.

    Bytes alone do not count. A parent that has itself lost touch keeps its streams open with
    comments and sends no heartbeats, so staleness travels down the tree.
    *clock* and *wall* are seconds: the first never goes back, the second is epoch time.
    """

    def __init__(
        self, clock: Callable[[], float], wall: Callable[[], float], *, stale_seconds: float = 75.0
    ) -> None:
        self._clock, self._wall, self._stale_seconds = clock, wall, stale_seconds
        self._started = clock()
        self._heard: dict[str, float] = {}
        self._left: dict[str, float] = {}
        self.clock_offset_ms: int | None = None
        """What to add to this node's clock to get its parent's, as the last heartbeat tells."""

    def heard(self, message: Message) -> None:
        """Note a message from the parent."""
        if isinstance(message, (Change, Snapshot, Heartbeat)):
            self._heard[message.environment] = self._clock()
        if isinstance(message, Heartbeat):
            self.clock_offset_ms = message.time - round(self._wall() * 1000)

    def forget(self, environment: str) -> None:
        """Take an environment for stale, if it comes back, until it is heard of again."""
        self._left[environment] = self._heard.pop(environment, self._started)

    def parents_time(self) -> int:
        """Return the time in epoch milliseconds, as the parent has it as far as is known."""
        return round(self._wall() * 1000) + (self.clock_offset_ms or 0)

    def stale_ms(self, environment: str) -> int | None:
        """
        Return for how many milliseconds nothing was heard, or None while that is fresh.

        An environment that was loaded from a lower tier and never heard of since is stale from
        the start.
        """
        heard = self._heard.get(environment)
        if heard is None:
            since = self._left.get(environment, self._started)
            return max(1, round((self._clock() - since) * 1000))
        silent = self._clock() - heard
        return round(silent * 1000) if silent > self._stale_seconds else None
