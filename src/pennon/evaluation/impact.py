"""
Which flags may be answered otherwise than at an earlier version, and who could see them.

An answer is a function of the flag, of what it leads to, and of the context. So only these flags
need be asked again: those that changed, and those that lead to something that did.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Set
from itertools import takewhile
from typing import Final, get_args

from pennon.evaluation.dependents import Dependents, Item
from pennon.evaluation.entries import ClientKind
from pennon.evaluation.ruleset import Ruleset

_MOST_REMEMBERED: Final = 10_000
_MOST_KNOWN: Final = 64
_CLIENT_KINDS: Final[tuple[ClientKind, ...]] = get_args(ClientKind)


class Impact:
    """
    What changed since when in one ruleset, from the version that it has now.

    It remembers a bounded number of items, each by its last change.
    """

    def __init__(self, ruleset: Ruleset, *, most: int = _MOST_REMEMBERED) -> None:
        self._ruleset, self._most = ruleset, most
        self._dependents = Dependents.of(ruleset)
        self._began = ruleset.version
        # The item that changed last stands at the end.
        self._changed: OrderedDict[Item, int] = OrderedDict()
        self._visible = {kind: _visible(ruleset, kind) for kind in _CLIENT_KINDS}
        # Until which version a flag was visible that is so no longer.
        self._left: dict[ClientKind, dict[str, int]] = {kind: {} for kind in _CLIENT_KINDS}
        self._known: dict[int, frozenset[str]] = {}
        self._external: frozenset[str] | None = None

    @property
    def ruleset(self) -> Ruleset:
        """The ruleset whose changes are noted."""
        return self._ruleset

    def note(self, item: Item) -> None:
        """Note that *item* has changed: set, replaced or deleted, by the ruleset's version."""
        version = self._ruleset.version
        self._dependents.update(item, self._ruleset)
        self._changed[item] = version
        self._changed.move_to_end(item)
        if item.kind == "flag":
            self._note_visibility(item.key, version)
        self._known.clear()
        self._external = None
        if len(self._changed) > self._most:
            _, self._began = self._changed.popitem(last=False)
            for left in self._left.values():
                for key in [key for key, last in left.items() if last <= self._began]:
                    del left[key]

    def since(self, version: int) -> Set[str] | None:
        """Return the flags that may be answered otherwise than at *version*; None: any may."""
        if version < self._began:
            return None
        known = self._known.get(version)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            later = takewhile(lambda change: change[1] > version, reversed(self._changed.items()))
            reached = self._dependents.reached_from(item for item, _ in later)
            known = self._known[version] = reached
        return known

    def seen_since(self, version: int, kind: ClientKind | None) -> Set[str] | None:
        """
        Return those of them that keys of *kind* could see at *version*, or after it.

        None as *kind* is a server's, which see every flag; None returned: it is not known.
        """
        affected = self.since(version)
        if affected is None or kind is None:
            return affected
        visible, left = self._visible[kind], self._left[kind]
        return frozenset(
            key for key in affected if key in visible or left.get(key, version) > version
        )

    def external_for(self, kind: ClientKind) -> Set[str]:
        """Return the flags, of those that keys of *kind* see, that lead to external segments."""
        if self._external is None:
            segments = self._ruleset.tables.segments.items()
            self._external = self._dependents.reached_from(
                Item("segment", key)
                for key, entry in segments
                if entry.segment is not None and entry.segment.external is not None
            )
        return self._external & self._visible[kind]

    def _note_visibility(self, key: str, version: int) -> None:
        for kind in _CLIENT_KINDS:
            if self._ruleset.is_visible(key, kind):
                self._visible[kind].add(key)
            elif key in self._visible[kind]:
                self._visible[kind].remove(key)
                self._left[kind][key] = version


def _visible(ruleset: Ruleset, kind: ClientKind) -> set[str]:
    return {key for key in ruleset.flags if ruleset.is_visible(key, kind)}
