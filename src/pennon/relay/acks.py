"""
Receipts on their way up: what this node and its followers have applied, folded per PoP.

A PoP has a position when all its live nodes have it. An ack covers every position below it, so
only the newest of each is kept and sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from pennon.model.messages import Acks, Applied, PopAcks
from pennon.model.position import Position


class _Node(NamedTuple):
    region: str
    heard: float
    applied: dict[str, Applied]


class AckBoard:
    """
    What each node has applied, by PoP.

    *clock* is in seconds; a node silent for *forget* seconds no longer counts as live.
    *most* bounds the PoPs that are kept, and the nodes of each: followers name them.
    """

    def __init__(
        self, clock: Callable[[], float], *, forget: float = 90.0, most: int = 10_000
    ) -> None:
        self._clock, self._forget, self._most = clock, forget, most
        self._pops: dict[str, dict[str, _Node]] = {}
        self._dirty: set[str] = set()

    def applied(self, pop: str, region: str, node: str, environment: str, ack: Applied) -> None:
        """Note that *node* of *pop* has applied a position. An older one is ignored."""
        if pop not in self._pops and len(self._pops) >= self._most:
            return
        nodes = self._pops.setdefault(pop, {})
        before = nodes.get(node)
        if before is None and len(nodes) >= self._most:
            return
        applied = dict(before.applied) if before else {}
        held = applied.get(environment)
        if held is None or _position(ack) > _position(held):
            applied[environment] = ack
            self._dirty.add(pop)
        nodes[node] = _Node(region, self._clock(), applied)

    def is_alive(self, pop: str, node: str) -> None:
        """Note that *node* lives, though nothing has changed for it to acknowledge."""
        nodes = self._pops.get(pop, {})
        if node in nodes:
            nodes[node] = nodes[node]._replace(heard=self._clock())

    def merge(self, acks: Acks) -> None:
        """Take the acks of a follower; a connector's stand for several PoPs."""
        for pop in acks.pops:
            for environment, positions in pop.applied.items():
                for ack in positions:
                    self.applied(pop.pop, pop.region, acks.node, environment, ack)

    def take(self) -> tuple[PopAcks, ...]:
        """Return the PoPs with a live node whose acks have changed since the last call."""
        changed, self._dirty = sorted(self._dirty), set()
        return tuple(folded for pop in changed if (folded := self._fold(pop)))

    def mark_all(self) -> None:
        """Mark every PoP as changed, so that all is said again."""
        self._dirty.update(self._pops)

    def put_back(self, pops: Iterable[PopAcks]) -> None:
        """Mark as changed what could not be sent."""
        self._dirty.update(pop.pop for pop in pops)

    def _fold(self, pop: str) -> PopAcks | None:
        oldest = self._clock() - self._forget
        nodes = self._pops.get(pop, {})
        for name in [name for name, node in nodes.items() if node.heard < oldest]:
            del nodes[name]
        if not nodes:
            # A PoP that is gone must not look alive because its parent repeats what it once said.
            self._pops.pop(pop, None)
            return None
        return PopAcks(
            pop=pop,
            region=next((node.region for node in nodes.values()), ""),
            nodes=len(nodes),
            applied={
                environment: (_least(node.applied[environment] for node in holders),)
                for environment in sorted({e for node in nodes.values() for e in node.applied})
                if (holders := [n for n in nodes.values() if environment in n.applied])
            },
        )


def _position(ack: Applied) -> Position:
    return Position(ack.epoch, ack.version)


def _least(acks: Iterable[Applied]) -> Applied:
    """Return the position that all hold, at the time when the last of them took it."""
    held = list(acks)
    least = min(held, key=_position)
    at = max(ack.applied_at for ack in held if _position(ack) == _position(least))
    return Applied(epoch=least.epoch, version=least.version, applied_at=at)
