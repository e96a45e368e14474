"""
Receipts: which PoP has applied which version, and how long that took.

A PoP has a version when all its live nodes have it. It is expected from its first ack on, and
named as missing until it answers, until it has been silent for a day or is removed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from statistics import quantiles

from pennon.model.flag import Wire
from pennon.model.messages import Acks, Applied
from pennon.model.position import Position

LIVE_SECONDS = 90.0
"""A node silent for longer no longer holds its PoP up."""
EXPECTED_SECONDS = 24 * 3600.0
"""A PoP silent for longer is no longer expected."""
_REMEMBERED = 256


class PopReceipt(Wire, frozen=True, kw_only=True, omit_defaults=False):
    """When one PoP had applied the version: epoch ms, and ms after the commit."""

    pop: str
    region: str = ""
    applied_at: int
    ms: int


class Receipt(Wire, frozen=True, kw_only=True, omit_defaults=False):
    """Where one version of an environment has arrived. Times in ms after the commit."""

    environment: str
    epoch: str
    version: int
    committed_at: int
    expected: int
    applied: int
    complete: bool
    missing: tuple[str, ...]
    p50_ms: int | None = None
    p99_ms: int | None = None
    max_ms: int | None = None
    pops: tuple[PopReceipt, ...] = ()


class _Node:
    """What one node has acknowledged, per environment: the newest last."""

    def __init__(self, heard: float) -> None:
        self.region, self.heard = "", heard
        self.acks: dict[str, deque[Applied]] = {}


class Receipts:
    """
    The acks of all nodes, in memory: nodes repeat them, so that a restart soon knows again.

    *clock* is in seconds. *most* bounds the PoPs that are kept, and the nodes of each.
    """

    def __init__(self, clock: Callable[[], float], *, most: int = 10_000) -> None:
        self._clock, self._most = clock, most
        self._pops: dict[str, dict[str, _Node]] = {}

    def take(self, acks: Acks) -> None:
        """Note what the sender of *acks* says that its PoPs have applied."""
        for pop in acks.pops:
            node = self._node(pop.pop, acks.node)
            if node is None:
                continue
            node.region, node.heard = pop.region, self._clock()
            for environment, positions in pop.applied.items():
                held = node.acks.setdefault(environment, deque(maxlen=_REMEMBERED))
                for ack in positions:
                    if not held or _position(ack) > _position(held[-1]):
                        held.append(ack)

    def receipt(self, environment: str, position: Position, committed_at: int) -> Receipt:
        """Return where *position* of *environment* has arrived by now."""
        arrived: list[PopReceipt] = []
        missing: list[str] = []
        for pop, nodes in sorted(self._expected(environment)):
            times = [_covered_at(node.acks[environment], position) for node in nodes]
            known = [time for time in times if time is not None]
            if len(known) < len(times):
                missing.append(pop)
                continue
            at = max(known)
            region = nodes[0].region
            arrived.append(
                PopReceipt(pop=pop, region=region, applied_at=at, ms=max(0, at - committed_at))
            )
        took = sorted(receipt.ms for receipt in arrived)
        return Receipt(
            environment=environment,
            epoch=position.epoch,
            version=position.version,
            committed_at=committed_at,
            expected=len(arrived) + len(missing),
            applied=len(arrived),
            complete=not missing,
            missing=tuple(missing),
            p50_ms=_percentile(took, 50),
            p99_ms=_percentile(took, 99),
            max_ms=took[-1] if took else None,
            pops=tuple(arrived),
        )

    def _node(self, pop: str, name: str) -> _Node | None:
        """Return what is held of a node, made now if there is room."""
        node = self._pops.get(pop, {}).get(name)
        if node is not None:
            return node
        # Nodes come and go under new names; those that went are let go as others come.
        self._forget_silent()
        if pop not in self._pops and len(self._pops) >= self._most:
            return None
        nodes = self._pops.setdefault(pop, {})
        if len(nodes) >= self._most:
            return None
        nodes[name] = _Node(self._clock())
        return nodes[name]

    def _forget_silent(self) -> None:
        oldest = self._clock() - EXPECTED_SECONDS
        for pop, nodes in tuple(self._pops.items()):
            kept = {name: node for name, node in nodes.items() if node.heard >= oldest}
            if kept:
                self._pops[pop] = kept
            else:
                del self._pops[pop]

    def _expected(self, environment: str) -> Iterator[tuple[str, list[_Node]]]:
        """Yield each PoP that follows *environment* with the nodes that decide for it."""
        now = self._clock()
        for pop, nodes in self._pops.items():
            followers = [node for node in nodes.values() if environment in node.acks]
            live = [node for node in followers if now - node.heard <= LIVE_SECONDS]
            recent = [node for node in followers if now - node.heard <= EXPECTED_SECONDS]
            if live or recent:
                yield pop, live or recent


def _covered_at(acks: deque[Applied], position: Position) -> int | None:
    """Return when *position* was first covered, or None when it is not."""
    return next((ack.applied_at for ack in acks if _position(ack) >= position), None)


def _position(ack: Applied) -> Position:
    return Position(ack.epoch, ack.version)


def _percentile(values: list[int], percent: int) -> int | None:
    """Return the percentile of sorted *values*, interpolated; None where there are none."""
    if len(values) < 2:
        return values[0] if values else None
    return round(quantiles(values, n=100, method="inclusive")[percent - 1])
