"""
Our own search in linear time, for where RE2 is not installed.

A pattern becomes a machine whose threads all read the subject at once, one code point a step
(K. Thompson, 1968). The set of threads is a state of its own; where a character leads from it is
worked out once and remembered, so that most steps are one look-up in a dict.
"""

from __future__ import annotations

from typing import Final

from pennon.evaluation.pattern.syntax import (
    Anchor,
    Characters,
    Choice,
    Node,
    Ranges,
    Repeat,
    Sequence,
)

_REMEMBERED: Final = 20_000
"""How many steps are kept before all are forgotten: memory has a bound too."""

_START, _WORD, _OTHER, _END = range(4)
"""What lies on one side of a place: the start, a word character, another one, the end."""


class Automaton:
    """A compiled pattern. `search` says whether it matches anywhere in a text."""

    def __init__(self, tree: Node) -> None:
        self._machine = _Machine()
        self._machine.add(tree)
        self._machine.match()
        self._initial = _State(frozenset((0,)), _START)
        self._states = {(self._initial.threads, _START): self._initial}
        self._steps = 0

    def search(self, text: str) -> bool:
        state = self._initial
        for char in text:
            following = state.steps.get(char)
            if following is None:
                following = self._step(state, char)
            if following is _MATCHED:
                return True
            state = following
        if state.at_end is None:
            state.at_end = self._machine.reach(state.threads, state.before, _END)[1]
        return state.at_end

    def _step(self, state: _State, char: str) -> _State:
        if self._steps >= _REMEMBERED:
            self._initial = _State(self._initial.threads, _START)
            self._states = {(self._initial.threads, _START): self._initial}
            self._steps = 0
        point = ord(char)
        side = _WORD if char.isascii() and (char.isalnum() or char == "_") else _OTHER
        reached, matched = self._machine.reach(state.threads, state.before, side)
        following = _MATCHED
        if not matched:
            threads = self._machine.read(reached, point)
            following = self._states.setdefault((threads, side), _State(threads, side))
        state.steps[char] = following
        self._steps += 1
        return following


class _State:
    """The threads that wait at a place, what lies before it, and where each character leads."""

    __slots__ = ("at_end", "before", "steps", "threads")

    def __init__(self, threads: frozenset[int], before: int) -> None:
        self.threads = threads
        self.before = before
        self.steps: dict[str, _State] = {}
        self.at_end: bool | None = None


_MATCHED: Final = _State(frozenset(), _OTHER)


class _Machine:
    """Instructions, each at its own place: read a character, pass an anchor, go on, or match."""

    def __init__(self) -> None:
        self.ranges: list[Ranges | None] = []
        self.anchors: list[str | None] = []
        self.onward: list[list[int]] = []
        self.matches: int | None = None

    def add(self, node: Node) -> None:
        match node:
            case Characters(ranges):
                place = self._place(ranges=ranges)
                self.onward[place] = [place + 1]
            case Anchor(sign):
                place = self._place(anchor=sign)
                self.onward[place] = [place + 1]
            case Sequence(parts):
                for part in parts:
                    self.add(part)
            case Choice(branches):
                self._add_choice(branches)
            case Repeat(part, low, high):
                # The loop is one of those that must be there: `+` inside `+` would else double.
                for _ in range(low if high is not None else low - 1):
                    self.add(part)
                if high is not None:
                    self._add_optional(part, high - low)
                elif low:
                    self._add_loop(part)
                else:
                    self._add_optional_loop(part)

    def match(self) -> None:
        self.matches = self._place()

    def reach(self, threads: frozenset[int], before: int, after: int) -> tuple[list[int], bool]:
        """Return where *threads* come to without reading between two sides, and if they match."""
        reached: list[int] = []
        seen = set(threads)
        waiting = list(threads)
        while waiting:
            place = waiting.pop()
            if place == self.matches:
                return [], True
            if self.ranges[place] is not None:
                reached.append(place)
                continue
            anchor = self.anchors[place]
            if anchor is None or _holds(anchor, before, after):
                fresh = [target for target in self.onward[place] if target not in seen]
                seen.update(fresh)
                waiting.extend(fresh)
        return reached, False

    def read(self, places: list[int], point: int) -> frozenset[int]:
        """Return the threads after reading *point*; a new one begins at every place of the text."""
        threads = {0}
        for place in places:
            for low, high in self.ranges[place] or ():
                if low <= point <= high:
                    threads.add(place + 1)
                    break
        return frozenset(threads)

    def _place(self, ranges: Ranges | None = None, anchor: str | None = None) -> int:
        self.ranges.append(ranges)
        self.anchors.append(anchor)
        self.onward.append([])
        return len(self.onward) - 1

    def _add_choice(self, branches: tuple[Node, ...]) -> None:
        fork = self._place()
        exits = []
        for branch in branches:
            self.onward[fork].append(len(self.onward))
            self.add(branch)
            exits.append(self._place())
        for place in exits:
            self.onward[place] = [len(self.onward)]

    def _add_loop(self, part: Node) -> None:
        start = len(self.onward)
        self.add(part)
        back = self._place()
        self.onward[back] = [start, back + 1]

    def _add_optional_loop(self, part: Node) -> None:
        fork = self._place()
        self.add(part)
        back = self._place()
        self.onward[back] = [fork]
        self.onward[fork] = [fork + 1, back + 1]

    def _add_optional(self, part: Node, times: int) -> None:
        forks = []
        for _ in range(times):
            forks.append(self._place())
            self.add(part)
        for fork in forks:
            self.onward[fork] = [fork + 1, len(self.onward)]


def _holds(anchor: str, before: int, after: int) -> bool:
    match anchor:
        case "^":
            return before == _START
        case "$":
            return after == _END
    at_boundary = (before == _WORD) is not (after == _WORD)
    return at_boundary if anchor == "b" else not at_boundary
