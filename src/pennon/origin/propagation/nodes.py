"""The registry of nodes: who has announced itself, and how it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from pennon.model.messages import NodeAnnouncement

FORGET_SECONDS: Final = 24 * 3600.0
MOST_NODES: Final = 100_000


class Heard(NamedTuple):
    """A node as it announced itself, at so many milliseconds of epoch time."""

    at: int
    node: NodeAnnouncement


class Nodes:
    """The newest announcement of each node; one silent for a day is forgotten."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._nodes: dict[tuple[str, str], Heard] = {}

    def take(self, announcement: NodeAnnouncement) -> None:
        """Note who a node says it is."""
        identity = (announcement.pop, announcement.node)
        if identity in self._nodes or len(self._nodes) < MOST_NODES:
            self._nodes[identity] = Heard(round(self._wall() * 1000), announcement)

    def remove(self, pop: str, node: str | None = None) -> None:
        """Forget a PoP, or one node of it, until it is heard again."""
        for key in [key for key in self._nodes if key[0] == pop and node in (None, key[1])]:
            del self._nodes[key]

    def after(self, last: tuple[str, str] = ("", "")) -> Iterator[Heard]:
        """Yield the nodes after the *last*, in order of PoP and name."""
        oldest = (self._wall() - FORGET_SECONDS) * 1000
        self._nodes = {key: heard for key, heard in self._nodes.items() if heard.at >= oldest}
        return (heard for key, heard in sorted(self._nodes.items()) if key > last)
