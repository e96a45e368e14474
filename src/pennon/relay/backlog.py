"""What waits to be sent up: batches by name, oldest first, bounded."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Protocol

from pennon.model.batch_names import Dropped, Why, first_to_go, sort_of


class Backlog(Protocol):
    """
    Batches that a parent has not taken yet.

    When there is no room, the one goes that `first_to_go` names, and `dropped` counts it.
    """

    @property
    def dropped(self) -> Dropped:
        """How many batches went without being sent, by what they held and why."""
        ...

    @property
    def waiting(self) -> int:
        """How many batches wait."""
        ...

    def add(self, name: str, data: bytes) -> None:
        """Keep a batch; names sort by age. Raises OSError when it cannot be kept."""
        ...

    def oldest(self) -> tuple[str, bytes] | None:
        """Return the batch to send next."""
        ...

    def remove(self, name: str) -> None:
        """Forget a batch that was sent."""
        ...

    def drop(self, name: str, why: Why) -> None:
        """Forget a batch that nobody will take."""
        ...


class MemoryBacklog:
    """Keeps at most *most_bytes* in memory: what a process has that has no folder."""

    def __init__(self, most_bytes: int = 4 * 1024 * 1024) -> None:
        self._most_bytes, self._bytes = most_bytes, 0
        self._batches: OrderedDict[str, bytes] = OrderedDict()
        self.dropped: Dropped = Counter()

    @property
    def waiting(self) -> int:
        return len(self._batches)

    def add(self, name: str, data: bytes) -> None:
        self._batches[name] = data
        self._bytes += len(data)
        while self._bytes > self._most_bytes:
            self.drop(first_to_go(self._batches), "no_room")

    def oldest(self) -> tuple[str, bytes] | None:
        return next(iter(self._batches.items()), None)

    def remove(self, name: str) -> None:
        self._bytes -= len(self._batches.pop(name, b""))

    def drop(self, name: str, why: Why) -> None:
        self.remove(name)
        self.dropped[sort_of(name), why] += 1
