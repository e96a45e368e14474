"""Which flags a change reaches, and all that is needed to evaluate them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from pennon.errors import BadInput
from pennon.model.codec import decode_flag, decode_segment
from pennon.model.messages import ItemId
from pennon.origin.uses.named import uses_of
from pennon.origin.uses.queries import published, users_of

MOST_FLAGS: Final = 50
"""How many flags of an environment are looked at."""
_MOST_ITEMS: Final = 2_000

Items = dict[ItemId, bytes]
Changes = Mapping[ItemId, bytes | None]


@dataclass(frozen=True, slots=True)
class Reach:
    """The flags that a change reaches, and they and what they use as both are `before` it."""

    flags: tuple[str, ...]
    complete: bool
    before: Items

    def after(self, changes: Changes) -> Items:
        """Return what `before` becomes by *changes*."""
        items = {**self.before}
        for identity, data in changes.items():
            if data is None:
                items.pop(identity, None)
            else:
                items[identity] = data
        return items


def reach_of(connection: Connection, environment: str, changes: Changes) -> Reach:
    """Return which flags of an environment *changes* reach, as it is without them."""
    flags, complete = _dependents(connection, environment, changes)
    wanted: list[ItemId] = [*changes, *(("flag", key) for key in flags)]
    new = [data for data in changes.items() if data[1] is not None]
    for identity, data in new:
        wanted += _used(identity, data or b"")
    before = _with_all_used(connection, environment, wanted)
    complete = complete and len(before) < _MOST_ITEMS
    return Reach(flags, complete, before)


def _dependents(
    connection: Connection, environment: str, changes: Changes
) -> tuple[tuple[str, ...], bool]:
    """Return the changed flags and those that use what changed, nearest first."""
    found = dict.fromkeys(changes)
    waiting = deque(found)
    while waiting:
        if sum(kind == "flag" for kind, _ in found) > MOST_FLAGS or len(found) > _MOST_ITEMS:
            break
        for row in users_of(connection, [environment], *waiting.popleft()):
            if (row.kind, row.key) not in found:
                found[row.kind, row.key] = None
                waiting.append((row.kind, row.key))
    flags = [key for kind, key in found if kind == "flag"]
    return tuple(flags[:MOST_FLAGS]), not waiting and len(flags) <= MOST_FLAGS


def _with_all_used(connection: Connection, environment: str, wanted: Iterable[ItemId]) -> Items:
    """Return the published items of *wanted* and all that they use, in turn, within a bound."""
    items: Items = {}
    asked: set[ItemId] = set()
    level = set(wanted)
    while level and len(items) < _MOST_ITEMS:
        asked |= level
        found: Items = {}
        for kind in sorted({kind for kind, _ in level}):
            keys = sorted(key for of, key in level if of == kind)
            for row in published(connection, environment, kind, keys):
                found[kind, row.key] = row.data
        items |= found
        level = {one for item in found.items() for one in _used(*item)} - asked
    return items


def _used(identity: ItemId, data: bytes) -> frozenset[ItemId]:
    try:
        return uses_of(decode_flag(data) if identity[0] == "flag" else decode_segment(data))
    except BadInput:
        return frozenset()  # it is malformed, and evaluates to that without any other
