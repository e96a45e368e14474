"""
What every node has applied, in little memory: arrays of numbers, a row a node.

At 600 nodes × 100 environments this is what an origin holds for receipts, so a position is three
numbers in arrays and no object. When a PoP had a version is remembered for its last changes only.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Final

from pennon.model.position import Position

REMEMBERED: Final = 64
"""Of how many of a PoP's last positions in an environment the times are kept."""
_NONE: Final = -1


class Holdings:
    """
    The newest position of each node in one environment, and when each PoP came where it is.

    Nodes and PoPs are numbers that the caller gives out; *epochs* numbers the names of epochs.
    """

    __slots__ = ("_epochs", "_held_epochs", "_pops", "_times", "_versions")

    def __init__(self, epochs: Epochs) -> None:
        self._epochs = epochs
        self._held_epochs, self._versions, self._times = array("i"), array("q"), array("q")
        self._pops: dict[int, _Times] = {}

    def has(self, node: int) -> bool:
        """Return whether *node* is known to follow the environment."""
        return node < len(self._versions) and self._versions[node] != _NONE

    def held(self, node: int) -> Position:
        """Return what *node* holds, which must be known."""
        return Position(self._epochs.name(self._held_epochs[node]), self._versions[node])

    def apply(self, node: int, position: Position, at: int) -> None:
        """Note that *node* came to *position* at a time. An older one is ignored."""
        missing = node + 1 - len(self._versions)
        if missing > 0:
            self._held_epochs.extend([0] * missing)
            self._versions.extend([_NONE] * missing)
            self._times.extend([0] * missing)
        if not self.has(node) or position > self.held(node):
            self._held_epochs[node] = self._epochs.number(position.epoch)
            self._versions[node], self._times[node] = position.version, at

    def drop(self, node: int) -> None:
        """Forget a node, or that it follows the environment."""
        if self.has(node):
            self._versions[node] = _NONE

    def drop_pop(self, pop: int) -> None:
        """Forget when a PoP came where it is."""
        self._pops.pop(pop, None)

    def settle(self, pop: int, nodes: Iterable[int]) -> Position:
        """Return what all of *nodes*, which stand for *pop*, hold; note when it came to be."""
        held = {node: self.held(node) for node in nodes}
        least = min(held.values())
        at = max(self._times[node] for node, position in held.items() if position == least)
        times = self._pops.get(pop)
        if times is None:
            times = self._pops[pop] = _Times()
        times.add(self._epochs.number(least.epoch), least, at)
        return least

    def covered_at(self, pop: int, position: Position) -> int:
        """Return when *pop*, which holds *position* by now, first did as far as is remembered."""
        return self._pops[pop].covered_at(self._epochs.number(position.epoch), position.version)


class _Times:
    """The last positions of a PoP in one epoch, and when each was reached."""

    __slots__ = ("_entries", "_epoch")

    def __init__(self) -> None:
        self._epoch = _NONE
        self._entries = array("q")  # version, time, version, time, …

    def add(self, epoch: int, position: Position, at: int) -> None:
        if epoch != self._epoch:
            self._epoch, self._entries = epoch, array("q")
        # A node that joins behind the others has the PoP arrive again: never sooner than its last.
        while self._entries and self._entries[-2] > position.version:
            del self._entries[-2:]
        if self._entries and self._entries[-2] == position.version:
            return
        self._entries.extend((position.version, at))
        if len(self._entries) > 2 * REMEMBERED:
            del self._entries[:2]

    def covered_at(self, epoch: int, version: int) -> int:
        entries = self._entries
        if epoch == self._epoch:
            for index in range(0, len(entries), 2):
                if entries[index] >= version:
                    return entries[index + 1]
        return entries[1]  # of an older epoch, which the newer covers as a whole


class Epochs:
    """A number for each epoch's name."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}

    def name(self, number: int) -> str:
        return self._names[number]

    def number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._names)
            self._names.append(name)
        return number
