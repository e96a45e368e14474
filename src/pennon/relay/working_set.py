"""
The working set: which environments a node holds in memory, within a budget.

Decides and remembers, and touches nothing: `pennon.relay.on_demand` does what is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from pennon.relay.replica import Weigh, held_as_bytes
from pennon.relay.turns import PATIENCE_SECONDS, Turns

REST_SECONDS: Final = 5.0
"""For how long what was opened on demand stays at least, so that who asked for it is answered."""
_GROWTH: Final = 4
# Of what comes in by itself, what is not on disk is asked of the parent in portions: one, and then
# as many as will fit by what the first ones took, though never far more than those.


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What a node is to hold: so many bytes, as *weigh* tells them, and *pinned* environments."""

    budget: int
    pinned: Collection[str] = ()
    weigh: Weigh = held_as_bytes


class _Member:
    """An environment of the set: `size` is what it takes, or is expected to until it is loaded."""

    __slots__ = ("asked_at", "due", "loaded", "opened_at", "size")

    def __init__(self, size: int, opened_at: float, *, due: bool) -> None:
        self.size, self.opened_at, self.due = size, opened_at, due
        self.asked_at: float | None = None if due else opened_at
        self.loaded = False


class WorkingSet:
    """
    Environments within *budget* bytes; *pinned* ones are there whatever they take.

    At the start and when something is granted, environments are let in by themselves for as long
    as they fit (`settle`); any other is let in on demand (`admit`), in place of those that were
    not asked for longest. Those *in_use*, because others follow them here, stay; *may_go* says
    whether one could be had again as it is. *clock* is in seconds.

    Who asks for many by turns gets them by turns: openings are bounded in number, what was opened
    rests before it goes, and what there was no room for waits in line.
    """

    def __init__(
        self,
        budget: int,
        clock: Callable[[], float],
        *,
        pinned: Collection[str] = (),
        rest: float = REST_SECONDS,
        in_use: Callable[[str], bool] = lambda environment: False,
        may_go: Callable[[str], bool] = lambda environment: True,
    ) -> None:
        self.budget, self.pinned = budget, frozenset(pinned)
        self._clock, self._rest = clock, rest
        self._in_use, self._may_go = in_use, may_go
        self._members: dict[str, _Member] = {}
        self._granted: frozenset[str] = frozenset()
        self._unoffered: list[str] = []
        self._sizes: dict[str, int] = {}
        self._turns = Turns(clock)
        self.used = 0
        """The bytes that all members take, or are expected to."""
        self.dropped = 0
        """How many were dropped to make room for others."""

    def __contains__(self, environment: object) -> bool:
        return environment in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    @property
    def due(self) -> frozenset[str]:
        """Those that came in by themselves: a node is ready with them."""
        return frozenset(name for name, member in self._members.items() if member.due)

    @property
    def opening(self) -> frozenset[str]:
        """Those that were asked for and are not loaded yet."""
        return frozenset(filter(self.is_opening, self._members))

    @property
    def at_ease(self) -> bool:
        """Whether there is nothing to be done: all that comes has come, and there is room."""
        return self.used <= self.budget and not self._unoffered

    def is_opening(self, environment: str) -> bool:
        """Return whether an environment was asked for and is not loaded yet."""
        member = self._members.get(environment)
        return member is not None and not (member.due or member.loaded)

    @property
    def complete(self) -> bool:
        """Whether all that comes in by itself has, and is loaded."""
        return not self._unoffered and all(
            member.loaded for member in self._members.values() if member.due
        )

    @property
    def waiting(self) -> int:
        """How many there is no room for."""
        return len(self._turns)

    @property
    def sizes(self) -> dict[str, int]:
        """What each member that is loaded takes."""
        return {name: member.size for name, member in self._members.items() if member.loaded}

    def settle(self, granted: frozenset[str]) -> None:
        """Let go of what is not *granted* any more, and let in what is new and fits."""
        if granted != self._granted:
            for gone in self._members.keys() - granted:
                self._remove(gone)
            for gone in self._sizes.keys() - granted:
                del self._sizes[gone]
            self._turns.keep(granted)
            new = [name for name in granted - self._granted if name not in self._members]
            kept = [name for name in self._unoffered if name in granted]
            self._unoffered = self._in_order({*kept, *new})
            self._granted = granted
        if self._unoffered and self._is_at_rest():
            portion = self._portion()
            for name in portion:
                self.let_in(name)
            self._unoffered = self._unoffered[len(portion) :] if portion else []

    def offers(self, granted: frozenset[str]) -> Iterator[str]:
        """Yield what to look for on the node's own disk at its start, for as long as it fits."""
        for name in self._in_order(granted):
            if name in self.pinned or self.used + self._expected(name) <= self.budget:
                yield name

    def let_in(self, environment: str) -> None:
        """Take an environment in that nobody has asked for."""
        self._add(environment, due=True)

    def withdraw(self, environment: str) -> None:
        """Take it back: there was nothing to load. It will be offered again."""
        self._remove(environment)

    def ask(self, environment: str) -> None:
        """Note that an environment is asked for."""
        member = self._members.get(environment)
        if member is not None:
            member.asked_at = self._clock()

    def admit(self, environment: str, *, whatever: bool = False) -> float:
        """
        Let in what is asked for; return 0, or the seconds after which to ask again.

        It then waits in line, for as long as it is asked for now and then; see `first_in_line`.
        With *whatever* it is let in though there may be no room. Where nothing else can go, one
        is let in all the same: a budget that the pinned ones have used up shuts nobody out.
        """
        if environment in self._members:
            self.ask(environment)
            return 0.0
        if whatever:
            self._make_room(self._expected(environment))
        elif wait := self._wait_for(environment):
            self._turns.stand_in_line(environment)
            return wait
        self._turns.take(environment)
        self._add(environment, due=False)
        return 0.0

    def first_in_line(self) -> str | None:
        """Return what has waited longest and is still asked for; it may be let in by now."""
        return self._turns.first()

    def weigh(self, environment: str, size: int) -> None:
        """Note what a member takes, now that it is loaded or has changed."""
        member = self._members.get(environment)
        if member is not None:
            self.used += size - member.size
            member.size, member.loaded = size, True
            self._sizes[environment] = size

    def trim(self) -> None:
        """Drop what is beyond the budget, though never the one that was asked for last."""
        if self.used > self.budget:
            self._drop(self._idle()[:-1], self.used - self.budget)

    def give_up(self) -> list[str]:
        """Drop those that did not come and that nobody asks for any more, and return them."""
        oldest = self._clock() - PATIENCE_SECONDS
        late = [name for name in self.opening if (self._members[name].asked_at or 0.0) < oldest]
        for name in late:
            self._remove(name)
        return late

    def _in_order(self, environments: Collection[str]) -> list[str]:
        """Return them in the order in which they come in by themselves."""
        return sorted(environments, key=lambda name: (name not in self.pinned, name))

    def _is_at_rest(self) -> bool:
        return all(member.loaded for member in self._members.values() if member.due)

    def _portion(self) -> list[str]:
        """Return the next of those that come in by themselves, no more than will fit."""
        pins = [name for name in self._unoffered if name in self.pinned]
        if pins:
            return pins
        known = len(self._sizes)
        if known == 0:
            return self._unoffered[:1]
        fit = (self.budget - self.used) // max(self._mean(), 1)
        return self._unoffered[: max(0, min(fit, _GROWTH * known))]

    def _wait_for(self, environment: str) -> float:
        """Return the seconds for which an environment must wait; 0 when there is room for it."""
        wait = self._turns.wait(environment)
        if not wait and (wait := self._make_room(self._expected(environment))):
            self._turns.found_no_room()
        return wait

    def _make_room(self, needed: int) -> float:
        """Drop idle members for *needed* bytes; return the seconds to wait if that cannot be."""
        missing = self.used + needed - self.budget
        guests = self._guests()
        idle = self._idle()
        if missing > sum(self._members[name].size for name in idle) and len(idle) < len(guests):
            return self._until_rested(guests)
        self._drop(idle, missing)
        return 0.0

    def _drop(self, idle: list[str], missing: int) -> None:
        for name in idle:
            if missing <= 0:
                return
            missing -= self._members[name].size
            self._remove(name)
            self.dropped += 1

    def _guests(self) -> list[str]:
        """Return those that may have to go some time."""
        return [n for n in self._members if n not in self.pinned and not self._in_use(n)]

    def _idle(self) -> list[str]:
        """Return those that may go now: who was never asked, then the longest idle first."""

        def idleness(name: str) -> tuple[bool, float]:
            member = self._members[name]
            if member.asked_at is None:
                return (False, -member.opened_at)
            return (True, member.asked_at)

        rested = [
            name
            for name in self._guests()
            if self._members[name].loaded and not self._left(name) and self._may_go(name)
        ]
        return sorted(rested, key=idleness)

    def _left(self, name: str) -> float:
        """Return for how long a member is still to rest."""
        member = self._members[name]
        if member.due:
            return 0.0
        return max(0.0, member.opened_at + self._rest - self._clock())

    def _until_rested(self, guests: list[str]) -> float:
        return max(1.0, min(filter(None, map(self._left, guests)), default=1.0))

    def _expected(self, environment: str) -> int:
        """Return what an environment took when it was last here, or else what one does."""
        return self._sizes.get(environment) or self._mean()

    def _mean(self) -> int:
        return sum(self._sizes.values()) // len(self._sizes) if self._sizes else 0

    def _add(self, environment: str, *, due: bool) -> None:
        if environment not in self._members:
            size = self._expected(environment)
            self._members[environment] = _Member(size, self._clock(), due=due)
            self.used += size

    def _remove(self, environment: str) -> None:
        self.used -= self._members.pop(environment).size
