"""Which flags a change can reach: worked out for those alone who want to be told."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

from pennon.evaluation.dependents import Dependents, Item
from pennon.evaluation.ruleset import Ruleset


class Reached:
    """Keeps in step with *ruleset*, and with those that take its place."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset, self._dependents = ruleset, Dependents.of(ruleset)

    def load(self, ruleset: Ruleset) -> Set[str]:
        """Take another ruleset; return the flags that may be answered otherwise by it."""
        before, self._ruleset = self._ruleset, ruleset
        self._dependents = Dependents.of(ruleset)
        moved = _moved(before, ruleset)
        gone = (item.key for item in moved if item.kind == "flag")
        return self._dependents.reached_from(moved) | {*gone}

    def change(self, kind: Literal["flag", "segment"], key: str) -> Set[str]:
        """Take a change of an item of the ruleset; return the flags that it can reach."""
        item = Item(kind, key)
        self._dependents.update(item, self._ruleset)
        return self._dependents.reached_from((item,))


def _moved(before: Ruleset, after: Ruleset) -> set[Item]:
    """Return the flags and segments that are others than before, the ones that are gone too."""
    flags = {
        Item("flag", key)
        for key in {*before.flags, *after.flags}
        if before.flag(key) != after.flag(key)
    }
    segments = {
        Item("segment", key)
        for key in {*before.tables.segments, *after.tables.segments}
        if _segment(before, key) != _segment(after, key)
    }
    return flags | segments


def _segment(ruleset: Ruleset, key: str) -> object:
    entry = ruleset.tables.segments.get(key)
    return None if entry is None else entry.segment
