"""The registry of nodes: who has announced itself, and how it does."""

from __future__ import annotations

from collections.abc import Callable

from pennon.model.messages import NodeAnnouncement

FORGET_SECONDS = 24 * 3600.0
MOST_NODES = 100_000


class Nodes:
    """The newest announcement of each node; one silent for a day is forgotten."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._nodes: dict[tuple[str, str], tuple[float, NodeAnnouncement]] = {}

    def take(self, announcement: NodeAnnouncement) -> None:
        """Note who a node says it is."""
        identity = (announcement.pop, announcement.node)
        if identity in self._nodes or len(self._nodes) < MOST_NODES:
            self._nodes[identity] = (self._wall(), announcement)

    def list(self) -> list[tuple[int, NodeAnnouncement]]:
        """Return each node with the epoch milliseconds when it was last heard, by PoP and name."""
        oldest = self._wall() - FORGET_SECONDS
        self._nodes = {key: value for key, value in self._nodes.items() if value[0] >= oldest}
        return [
            (round(heard * 1000), announcement)
            for _, (heard, announcement) in sorted(self._nodes.items())
        ]
