"""What is wrong with an environment for as long as it is: for metrics, and told once in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final, Literal

from pennon.model.messages import Change, Contact, Goodbye, Heartbeat, Message
from pennon.relay.replica import Verdict

log = logging.getLogger(__name__)

Alarm = Literal["ahead", "drift", "shrunk", "unreadable"]

AHEAD_SECONDS: Final = 60.0
"""For how long a node may know more than its parent, which is ordinary after a fail-over."""

_RAISES: dict[Verdict, Alarm] = {
    Verdict.DRIFT: "drift",
    Verdict.SHRUNK: "shrunk",
    Verdict.UNREADABLE: "unreadable",
}


class Alarms:
    """
    The alarms of a node's environments; *clock* is in seconds.

    `drift`, `shrunk` and `unreadable` stand from a refusal until something good is taken; `ahead`
    once the parent has been behind for too long, in this epoch or with an older one: what it says
    will never be taken.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._raised: set[tuple[str, Alarm]] = set()
        self._ahead_since: dict[str, float] = {}

    def __iter__(self) -> Iterator[tuple[str, Alarm]]:
        """Yield each environment's alarms."""
        return iter(sorted(self._raised))

    def note(self, message: Message, verdict: Verdict) -> None:
        """Note what became of *message*."""
        if isinstance(message, (Contact, Goodbye)):
            return
        environment = message.environment
        if (alarm := _RAISES.get(verdict)) is not None:
            self._raise(environment, alarm)
        elif verdict is Verdict.APPLIED or (
            verdict is Verdict.KNOWN and not isinstance(message, Change)
        ):
            self._end(environment)
        elif verdict is Verdict.BEHIND and isinstance(message, Heartbeat):
            self._fell_behind(environment)

    def forget(self, environment: str) -> None:
        """Forget an environment that is followed no longer."""
        self._ahead_since.pop(environment, None)
        self._raised = {raised for raised in self._raised if raised[0] != environment}

    def _fell_behind(self, environment: str) -> None:
        since = self._ahead_since.setdefault(environment, self._clock())
        if self._clock() - since > AHEAD_SECONDS:
            self._raise(environment, "ahead")

    def _raise(self, environment: str, alarm: Alarm) -> None:
        if (environment, alarm) not in self._raised:
            self._raised.add((environment, alarm))
            log.error("alarm_raised", extra={"environment": environment, "alarm": alarm})

    def _end(self, environment: str) -> None:
        for raised in [raised for raised in self._raised if raised[0] == environment]:
            log.warning("alarm_ended", extra={"environment": environment, "alarm": raised[1]})
        self.forget(environment)
