"""Which nodes there are in which PoPs, by number, and when each was last heard."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Final

LIVE_SECONDS: Final = 90.0
"""A node silent for longer no longer holds its PoP up."""
EXPECTED_SECONDS: Final = 24 * 3600.0
"""A PoP silent for longer is no longer expected."""
MOST_NODES_OF_A_POP: Final = 1_000
_SWEEP_SECONDS: Final = 60.0


class RosteredPop:
    """A PoP: its number, its region, and the numbers of its nodes by name."""

    __slots__ = ("name", "nodes", "number", "region")

    def __init__(self, name: str, number: int) -> None:
        self.name, self.number, self.region = name, number, ""
        self.nodes: dict[str, int] = {}


class Roster:
    """
    Gives numbers to PoPs and nodes, and takes them back; *clock* is in seconds.

    *most* bounds the PoPs, and the nodes of each: those below name them. *forget_node* and
    *forget_pop* are called with a number that will be given to another.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        most: int,
        forget_node: Callable[[int], None],
        forget_pop: Callable[[int], None],
    ) -> None:
        self._clock, self._most = clock, most
        self._forget_node, self._forget_pop = forget_node, forget_pop
        self._pops: dict[str, RosteredPop] = {}
        self._heard = array("d")
        self._swept_at = clock()
        self._free_nodes: list[int] = []
        self._free_pops: list[int] = []

    def __iter__(self) -> Iterator[RosteredPop]:
        return iter(self._pops.values())

    def pop(self, name: str) -> RosteredPop | None:
        """Return a PoP that is known."""
        return self._pops.get(name)

    def hear(self, pop: str, node: str) -> tuple[RosteredPop, int] | None:
        """Note that a node was heard; return its PoP and its number, or None without room."""
        number = self._pops[pop].nodes.get(node) if pop in self._pops else None
        if number is None:
            number = self._enter(pop, node)
        if number is None:
            return None
        self._heard[number] = self._clock()
        return self._pops[pop], number

    def deciding(self, nodes: list[int]) -> list[int]:
        """Return those of *nodes* that decide for their PoP: the live, else those of a day."""
        now = self._clock()
        live = [node for node in nodes if now - self._heard[node] <= LIVE_SECONDS]
        return live or [node for node in nodes if now - self._heard[node] <= EXPECTED_SECONDS]

    def remove(self, pop: str, node: str | None = None) -> None:
        """Forget a PoP, or one node of it."""
        held = self._pops.get(pop)
        if held is None:
            return
        for name in [node] if node is not None else list(held.nodes):
            number = held.nodes.pop(name, None)
            if number is not None:
                self._forget_node(number)
                self._free_nodes.append(number)
        if not held.nodes:
            del self._pops[pop]
            self._forget_pop(held.number)
            self._free_pops.append(held.number)

    def _enter(self, pop: str, node: str) -> int | None:
        # Nodes come and go under new names; those that went are let go as others come. Not for
        # each of them: after a restart all come at once.
        if self._clock() - self._swept_at >= _SWEEP_SECONDS:
            self._forget_silent()
        held = self._pops.get(pop)
        if held is None:
            if len(self._pops) >= self._most:
                return None
            number = self._free_pops.pop() if self._free_pops else len(self._pops)
            held = self._pops[pop] = RosteredPop(pop, number)
        if len(held.nodes) >= min(self._most, MOST_NODES_OF_A_POP):
            return None
        if self._free_nodes:
            held.nodes[node] = self._free_nodes.pop()
        else:
            held.nodes[node] = len(self._heard)
            self._heard.append(0.0)
        return held.nodes[node]

    def _forget_silent(self) -> None:
        self._swept_at = self._clock()
        oldest = self._swept_at - EXPECTED_SECONDS
        for pop in tuple(self._pops.values()):
            for name in [name for name, n in pop.nodes.items() if self._heard[n] < oldest]:
                self.remove(pop.name, name)
