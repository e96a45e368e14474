"""Keys and what is known of each: the least recently used go first, within bounds."""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import Final, NamedTuple

from pennon.model.members import Membership

ENTRY_BYTES: Final = 240
"""What an entry takes beside its key, as measured by `benchmarks/members`."""
MEAN_BYTES: Final = 512
"""What entries may take on average: many that are larger are fewer."""

Place = int
"""A number for a segment at a time: by another number, all that was known is forgotten."""


class Known(NamedTuple):
    """What is known of a key, and until when that is believed without asking again."""

    membership: Membership
    until: float


class MemberEntries:
    """At most *most* entries, of `MEAN_BYTES` on average."""

    def __init__(self, most: int) -> None:
        self._most, self._most_bytes = most, most * MEAN_BYTES
        self._entries: OrderedDict[tuple[Place, str], Known] = OrderedDict()
        self.bytes = 0
        self.evicted = 0
        """How many had to go for others."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, place: Place, key: str) -> Known | None:
        """Return what is known of *key*, which is used thereby."""
        at = (place, key)
        known = self._entries.get(at)
        if known is not None:
            self._entries.move_to_end(at)
        return known

    def put(self, place: Place, key: str, known: Known) -> None:
        """Keep what is known of *key*, which is used thereby."""
        at = (place, key)
        if at not in self._entries:
            self.bytes += size_of(key)
        self._entries[at] = known
        self._entries.move_to_end(at)
        while len(self._entries) > self._most or self.bytes > self._most_bytes:
            (_, oldest), _ = self._entries.popitem(last=False)
            self.bytes -= size_of(oldest)
            self.evicted += 1

    def correct(self, place: Place, key: str, known: Known) -> None:
        """Put *known* in the place of what was known, if anything was."""
        at = (place, key)
        if at in self._entries:
            self._entries[at] = known

    def discard(self, place: Place, key: str) -> None:
        """Forget what is known of *key*."""
        if self._entries.pop((place, key), None) is not None:
            self.bytes -= size_of(key)


def size_of(key: str) -> int:
    """Return the bytes that the entry of *key* takes."""
    return ENTRY_BYTES + sys.getsizeof(key)
