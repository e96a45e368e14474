"""Lists of context keys, a flag's targets or a segment's members: add and remove. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from pennon.model.flag import Target
from pennon.model.segment import Members

E = TypeVar("E", bound=Target | Members)


def with_keys(entries: Sequence[E], keys: Iterable[str], new: E) -> tuple[E, ...]:
    """
    Return *entries* with *keys* added to the last that is like *new*, else to *new* at the end.

    Keys that such an entry has already are not added again.
    """
    like = [place for place, one in enumerate(entries) if _alike(one, new)]
    held = {key for place in like for key in entries[place].keys}
    added = tuple(key for key in dict.fromkeys(keys) if key not in held)
    if not added:
        return tuple(entries)
    if not like:
        return (*entries, replace(new, keys=added))
    last = entries[like[-1]]
    grown = replace(last, keys=(*last.keys, *added))
    return (*entries[: like[-1]], grown, *entries[like[-1] + 1 :])


def without_keys(
    entries: Iterable[E], keys: Collection[str], where: Callable[[E], bool]
) -> tuple[E, ...]:
    """Return *entries* without *keys* in those that are meant; what empties by it goes."""
    gone = frozenset(keys)
    kept = []
    for entry in entries:
        if not where(entry) or gone.isdisjoint(entry.keys):
            kept.append(entry)
        elif left := tuple(key for key in entry.keys if key not in gone):
            kept.append(replace(entry, keys=left))
    return tuple(kept)


def keys_of(entries: Iterable[E], where: Callable[[E], bool]) -> frozenset[str]:
    """Return the keys of the entries that are meant."""
    return frozenset(key for entry in entries if where(entry) for key in entry.keys)


def _alike(one: E, other: E) -> bool:
    return replace(one, keys=()) == replace(other, keys=())
