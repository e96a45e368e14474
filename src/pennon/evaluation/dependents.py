"""Who uses whom among flags and segments, and so whose answers a change can reach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from pennon.evaluation.references import segments_of_flag, segments_of_segment
from pennon.evaluation.ruleset import Ruleset
from pennon.model.flag import Flag
from pennon.model.segment import Segment


class Item(NamedTuple):
    """A flag or a segment, by its key."""

    kind: Literal["flag", "segment"]
    key: str


_NOTHING: Final[frozenset[Item]] = frozenset()


class Dependents:
    """
    What each flag and segment uses, kept in both directions.

    An item that is used need not be there: what uses it is answered otherwise once it is.
    """

    def __init__(self) -> None:
        self._uses: dict[Item, frozenset[Item]] = {}
        self._used_by: dict[Item, set[Item]] = {}

    @classmethod
    def of(cls, ruleset: Ruleset) -> Dependents:
        """Return what all items of *ruleset* use."""
        dependents = cls()
        for key in ruleset.flags:
            dependents.update(Item("flag", key), ruleset)
        for key in ruleset.tables.segments:
            dependents.update(Item("segment", key), ruleset)
        return dependents

    def update(self, item: Item, ruleset: Ruleset) -> None:
        """Note what *item* uses by now; one that is gone or malformed uses nothing."""
        uses = _uses_of(item, ruleset)
        before = self._uses.pop(item, _NOTHING)
        for used in before - uses:
            users = self._used_by[used]
            users.discard(item)
            if not users:
                del self._used_by[used]
        for used in uses - before:
            self._used_by.setdefault(used, set()).add(item)
        if uses:
            self._uses[item] = uses

    def reached_from(self, items: Iterable[Item]) -> frozenset[str]:
        """Return the keys of the flags whose answers may depend on one of *items*."""
        reached = set(items)
        waiting = list(reached)
        while waiting:
            users = self._used_by.get(waiting.pop(), _NOTHING) - reached
            reached |= users
            waiting += users
        return frozenset(key for kind, key in reached if kind == "flag")


def _uses_of(item: Item, ruleset: Ruleset) -> frozenset[Item]:
    if item.kind == "flag":
        flag = ruleset.flag(item.key)
        return _NOTHING if flag is None else _of_flag(flag)
    entry = ruleset.tables.segments.get(item.key)
    segment = None if entry is None else entry.segment
    return _NOTHING if segment is None else _of_segment(segment)


def _of_flag(flag: Flag) -> frozenset[Item]:
    if not (flag.requires or flag.rules):
        return _NOTHING
    flags = (Item("flag", required.flag) for required in flag.requires)
    segments = (Item("segment", key) for key, _ in segments_of_flag(flag))
    return frozenset((*flags, *segments))


def _of_segment(segment: Segment) -> frozenset[Item]:
    return frozenset(Item("segment", key) for key, _ in segments_of_segment(segment))
