"""
Receipts on their way up: what this node and those below it have applied.

What nodes of one PoP say alike is said once, with their names; what they say differently is said
apart, so that none of them holds back what is known of another. An ack covers every position
below it, so only the newest of each is kept and sent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

from pennon.model.messages import MOST_FOLLOWED, MOST_NAMED, Acks, Applied, PopAcks
from pennon.relay.portions import portions

MOST_NODES: Final = 1_000
"""How many nodes of one PoP are kept."""

_MOST_AT_ONCE: Final = 1_000
"""How many environments one message has: who follows more says so in several."""

_Held = tuple[str, int, int]
"""An ack as it is kept: epoch, version, and when it was applied."""


class _Node:
    """What one node has applied; `owed` are the environments of which that is still to be told."""

    __slots__ = ("applied", "heard", "heard_since", "owed", "region")

    def __init__(self) -> None:
        self.region, self.heard = "", 0.0
        self.heard_since = True  # since all was last said again
        self.applied: dict[str, _Held] = {}
        self.owed: set[str] = set()


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
        self._owing: set[str] = set()
        self._swept_at = clock()

    def applied(self, pop: str, region: str, node: str, environment: str, ack: Applied) -> None:
        """Note that *node* of *pop* has applied a position. An older one is ignored."""
        held = self._node(pop, node)
        if held is None:
            return
        held.region, held.heard, held.heard_since = region, self._clock(), True
        before = held.applied.get(environment)
        if before is None and len(held.applied) >= MOST_FOLLOWED:
            return
        if before is None or (ack.epoch, ack.version) > before[:2]:
            held.applied[environment] = (sys.intern(ack.epoch), ack.version, ack.applied_at)
            held.owed.add(environment)
            self._owing.add(pop)

    def is_alive(self, pop: str, node: str) -> None:
        """Note that *node* lives, though nothing has changed for it to acknowledge."""
        held = self._pops.get(pop, {}).get(node)
        if held is not None:
            held.heard, held.heard_since = self._clock(), True

    def merge(self, acks: Acks) -> None:
        """Take the acks of a follower; a connector's stand for many nodes."""
        for pop in acks.pops:
            for node in pop.nodes or (acks.node,):
                self.is_alive(pop.pop, node)
                for environment, positions in pop.applied.items():
                    for ack in positions:
                        self.applied(pop.pop, pop.region, node, environment, ack)

    def follows(self, pop: str, node: str, environments: Collection[str]) -> None:
        """Note all that *node* follows: it answers for no other environment any more."""
        held = self._pops.get(pop, {}).get(node)
        if held is not None:
            for gone in held.applied.keys() - set(environments):
                del held.applied[gone]
                held.owed.discard(gone)

    def take(self) -> Iterator[PopAcks]:
        """
        Yield what is still to be told, nodes of a PoP that say the same together.

        Made a PoP at a time, for one who sends meanwhile: of thousands it takes a while.
        """
        owing, self._owing = sorted(self._owing), set()
        for pop in owing:
            yield from tuple(self._fold(pop))

    def mark_all(self) -> None:
        """
        Mark as still to be told all that was said by nodes that were heard since the last call.

        To repeat the words of a silent node would make it look alive to those above.
        """
        for pop, nodes in self._pops.items():
            for node in nodes.values():
                if node.heard_since:
                    node.heard_since = False
                    node.owed.update(node.applied)
                    self._owing.add(pop)

    def put_back(self, pops: Iterable[PopAcks]) -> None:
        """Mark as still to be told what could not be sent."""
        for acks in pops:
            nodes = self._pops.get(acks.pop, {})
            for node in filter(None, map(nodes.get, acks.nodes)):
                node.owed.update(acks.applied.keys() & node.applied.keys())
                self._owing.add(acks.pop)

    def _node(self, pop: str, name: str) -> _Node | None:
        """Return what is held of a node, made now if there is room."""
        if pop not in self._pops and len(self._pops) >= self._most:
            self._forget_silent()
            if len(self._pops) >= self._most:
                return None
        nodes = self._pops.setdefault(pop, {})
        if name not in nodes and len(nodes) >= min(self._most, MOST_NODES):
            return None
        return nodes.setdefault(name, _Node())

    def _forget_silent(self) -> None:
        # Not for each of thousands that find no room, one after another.
        now = self._clock()
        if now - self._swept_at < self._forget / 2:
            return
        self._swept_at = now
        oldest = now - self._forget
        for pop, nodes in tuple(self._pops.items()):
            for name in [name for name, node in nodes.items() if node.heard < oldest]:
                del nodes[name]
            if not nodes:
                del self._pops[pop]

    def _fold(self, pop: str) -> Iterator[PopAcks]:
        alike: dict[tuple[tuple[str, str, int], ...], list[str]] = {}
        nodes = self._pops.get(pop, {})
        oldest = self._clock() - self._forget
        for name, node in tuple(nodes.items()):
            if node.heard < oldest:
                del nodes[name]
            elif node.owed:
                said = tuple((env, *node.applied[env][:2]) for env in sorted(node.owed))
                alike.setdefault(said, []).append(name)
                node.owed = set()
        if not nodes:
            self._pops.pop(pop, None)
        for said, names in alike.items():
            for some in portions(names, _each, MOST_NAMED):
                for part in portions(said, _each, _MOST_AT_ONCE):
                    yield self._told(pop, part, some)

    def _told(
        self, pop: str, said: Iterable[tuple[str, str, int]], names: Sequence[str]
    ) -> PopAcks:
        nodes = [self._pops[pop][name] for name in names]
        return PopAcks(
            pop=pop,
            region=nodes[0].region,
            nodes=tuple(names),
            applied={
                environment: (
                    # the PoP has it when the last of them has taken it
                    Applied(
                        epoch=epoch,
                        version=version,
                        applied_at=max(node.applied[environment][2] for node in nodes),
                    ),
                )
                for environment, epoch, version in said
            },
        )


def _each(item: object) -> int:
    return 1
