"""The exposures that a node makes and has not cut into batches yet: each once, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from pennon.evaluation.tracked import can_be_told, is_tracked, kind_exposed
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.events import LONGEST_NAME, Exposure, Unit
from pennon.model.flag import Flag
from pennon.relay.exposed import Exposed, identity_of

MANY: Final = 5_000
"""How many wait at most until they are cut before their time."""
MOST_WAITING: Final = 20_000
"""How many may wait where they cannot be kept elsewhere; those beyond are lost, and counted."""


class Exposures:
    """
    Makes exposures of answers; `many` is set whenever another `MANY` have come.

    *clock* gives epoch milliseconds.
    """

    def __init__(self, exposed: Exposed, clock: Callable[[], int]) -> None:
        self._exposed, self._clock = exposed, clock
        self._made: dict[str, list[Exposure]] = {}
        self._waiting = 0
        self.many = asyncio.Event()
        self.lost = 0
        """How many were not told for lack of room."""

    def see(self, environment: str, flag: Flag, detail: Detail, context: Context) -> None:
        """Take *detail*, an answer of *flag* to *context*, if it is an exposure and a new one."""
        if not is_tracked(flag, detail) or detail.variation is None:
            return
        kind = kind_exposed(flag, detail)
        attributes = context.kinds.get(kind)
        key = None if attributes is None else attributes.get("key")
        if not isinstance(key, str):
            return
        variation, version = detail.variation[:LONGEST_NAME], detail.version
        identity = identity_of(environment, flag.key, version, variation, kind, key)
        if identity in self._exposed or not can_be_told(key):
            return
        if self._waiting >= MOST_WAITING:
            self.lost += 1  # and not remembered: told when it comes again and there is room
            return
        self._exposed.add(identity)
        made = Exposure(
            at=self._clock(),
            flag=flag.key,
            variation=variation,
            version=version,
            rule=detail.rule_id,
            unit=Unit(kind=kind, key=key),
        )
        self._made.setdefault(environment, []).append(made)
        self._waiting += 1
        if self._waiting % MANY == 0:
            self.many.set()

    def new_among(self, environment: str, told: Iterable[Exposure]) -> tuple[Exposure, ...]:
        """Return those of what clients *told* that were not told before."""
        return tuple(one for one in told if _identity(environment, one) not in self._exposed)

    def remember(self, environment: str, told: Iterable[Exposure]) -> None:
        """Take note that exposures are on their way up."""
        for one in told:
            self._exposed.add(_identity(environment, one))

    def tick(self, now: float) -> None:
        """Forget what was told longer ago than the window."""
        self._exposed.tick(now)

    def take(self) -> dict[str, list[Exposure]]:
        """Return what was made since the last call."""
        made, self._made, self._waiting = self._made, {}, 0
        self.many.clear()
        return made

    def put_back(self, made: Mapping[str, Iterable[Exposure]]) -> None:
        """Take back what could not be kept elsewhere, as far as there is room."""
        for environment, some in made.items():
            for one in some:
                if self._waiting < MOST_WAITING:
                    self._made.setdefault(environment, []).append(one)
                    self._waiting += 1
                else:
                    self.lost += 1


def _identity(environment: str, told: Exposure) -> int:
    unit = told.unit
    return identity_of(environment, told.flag, told.version, told.variation, unit.kind, unit.key)
