"""What one context was answered: each flag's answer by now, and which changed when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pennon.evaluation.served import Served

_MOST_REMEMBERED: Final = 64


class Roster:
    """A place for each flag that has an answer for somebody, so that none keeps the keys."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def place(self, key: str) -> int:
        """Return the place of a flag, the next one where it has none."""
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.keys)
            self.keys.append(key)
        return place

    def find(self, key: str) -> int | None:
        """Return the place of a flag, if it has one."""
        return self._places.get(key)


class Ledger:
    """
    The answers that have a value, by their places in *roster*, which many ledgers share.

    `serial` counts how often they changed, and `hash` is the exclusive or of their shares.
    """

    __slots__ = ("_answers", "_changed", "_floor", "_roster", "hash", "serial")

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._answers: list[Served | None] = []
        self._changed: dict[str, int] | None = None
        self._floor = 0
        self.hash = 0
        self.serial = 0

    def get(self, key: str) -> Served | None:
        """Return the answer of a flag."""
        place = self._roster.find(key)
        return None if place is None or place >= len(self._answers) else self._answers[place]

    def items(self) -> Iterator[tuple[str, Served]]:
        """Yield each flag that has a value with its answer."""
        for key, answer in zip(self._roster.keys, self._answers, strict=False):
            if answer is not None:
                yield key, answer

    def take(self, answers: Mapping[str, Served | None]) -> None:
        """Have *answers*, None for no value; all that is other than before is one change."""
        changed = [key for key, answer in answers.items() if self._set(key, answer)]
        if changed:
            self.serial += 1
            self._remember(changed)

    def move(self, roster: Roster) -> None:
        """Keep the answers by the places of *roster*, if that is another."""
        if roster is self._roster:
            return
        held = dict(self.items())
        self._roster, self._answers, self.hash = roster, [], 0
        for key, answer in held.items():
            self._set(key, answer)

    def changed_since(self, serial: int) -> list[str] | None:
        """Return the flags that changed after *serial*, or None when that is not remembered."""
        if serial < self._floor:
            return None
        return [key for key, when in (self._changed or {}).items() if when > serial]

    def _set(self, key: str, answer: Served | None) -> bool:
        """Keep *answer*, be it equal to the one before: others share it. Return if it is not."""
        before = self.get(key)
        if answer is not None:
            place = self._roster.place(key)
            self._answers += [None] * (place + 1 - len(self._answers))
            self._answers[place] = answer
            self.hash ^= answer.share
        elif before is not None:
            self._answers[self._roster.place(key)] = None
        if before is not None:
            self.hash ^= before.share
        return before != answer

    def _remember(self, changed: list[str]) -> None:
        if len(changed) > _MOST_REMEMBERED or self.serial == 1:
            self._changed, self._floor = None, self.serial
            return
        if self._changed is None:
            self._changed = {}
        for key in changed:
            self._changed.pop(key, None)
            self._changed[key] = self.serial
        while len(self._changed) > _MOST_REMEMBERED:
            self._floor = self._changed.pop(next(iter(self._changed)))
