"""What a new list changes in the one that is kept, told while both are read in order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pennon.model.members import MOST_KEYS
from pennon.origin.members.sorting import Listed
from pennon.origin.members.tally import Edit

SHOWN: Final = 100
"""How many keys of each kind of change are named in an answer."""


class Comparison:
    """
    Takes the kept list a page at a time, and counts what the new one changes.

    The keys of `edits` are those of the whole change, as long as it can be told to followers.
    """

    def __init__(self, new: Iterable[Listed]) -> None:
        self._new: Iterator[Listed] = iter(new)
        self._next = next(self._new, None)
        self.edits: list[Edit] = []
        self.counts: dict[bool | None, int] = {True: 0, False: 0, None: 0}
        self.shown: dict[bool | None, list[str]] = {True: [], False: [], None: []}

    @property
    def count(self) -> int:
        """How many keys change."""
        return sum(self.counts.values())

    @property
    def is_small(self) -> bool:
        """Whether all of it is in `edits`."""
        return self.count <= MOST_KEYS

    def take(self, page: Sequence[tuple[str, bool]]) -> None:
        """Compare with a page of the kept list, which follows the one before."""
        for text, before in page:
            key = text.encode()
            while self._next is not None and self._next[0] < key:
                self._come()
            if self._next is not None and self._next[0] == key:
                after: bool | None = self._next[1]
                self._next = next(self._new, None)
            else:
                after = None
            if after is not before:
                self._note(Edit(text, before, after))

    def end(self) -> None:
        """Take what is left of the new list: the kept one is at its end."""
        while self._next is not None:
            self._come()

    def _come(self) -> None:
        assert self._next is not None
        key, member = self._next
        self._next = next(self._new, None)
        self._note(Edit(key.decode(), None, member))

    def _note(self, edit: Edit) -> None:
        self.counts[edit.after] += 1
        if len(self.edits) <= MOST_KEYS:
            self.edits.append(edit)
        shown = self.shown[edit.after]
        if len(shown) < SHOWN:
            shown.append(edit.key)
