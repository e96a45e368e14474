"""
Receipts: which PoP has applied which version, and how long that took.

A PoP has a version when all its live nodes have it. It is expected from its first ack on, and
named as missing until it answers, until its nodes follow the environment no longer, until it has
been silent for a day, or until it is removed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from statistics import quantiles

from pennon.model.flag import Wire
from pennon.model.messages import MOST_FOLLOWED, Acks, Applied
from pennon.model.position import Position
from pennon.origin.propagation.holdings import Epochs, Holdings
from pennon.origin.propagation.roster import Roster, RosteredPop


class PopReceipt(Wire, frozen=True, kw_only=True, omit_defaults=False):
    """
    When one PoP had applied the version: epoch ms, and ms after the commit.

    Exact for the last changes of the PoP; for one further back, when it had the oldest of those.
    """

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


class Receipts:
    """
    The acks of all nodes, in memory: nodes repeat them, so that a restart soon knows again.

    What a node reports stands whatever way it came, and never goes back: when its connector dies
    it reports through another, and nobody waits for the dead one. *clock* is in seconds. *most*
    bounds the PoPs that are kept, and the nodes of each.
    """

    def __init__(self, clock: Callable[[], float], *, most: int = 10_000) -> None:
        self._roster = Roster(
            clock, most=most, forget_node=self._forget_node, forget_pop=self._forget_pop
        )
        self._epochs = Epochs()
        self._environments: dict[str, Holdings] = {}

    def take(self, acks: Acks) -> None:
        """Note what *acks* says that nodes have applied."""
        for said in acks.pops:
            for name in said.nodes or (acks.node,):
                heard = self._roster.hear(said.pop, name)
                if heard is None:
                    continue
                pop, node = heard
                pop.region = said.region
                for environment, positions in said.applied.items():
                    self._apply(environment, node, positions)
            held = self._roster.pop(said.pop)
            if held is not None:
                for environment in said.applied:
                    self._settle(environment, held)

    def follows(self, pop: str, node: str, environments: Collection[str]) -> None:
        """Note all that a node follows: for any other environment it is expected no more."""
        held = self._roster.pop(pop)
        number = held.nodes.get(node) if held else None
        if number is not None:
            for gone in self._environments.keys() - set(environments):
                self._environments[gone].drop(number)

    def nodes_of(self, pop: str) -> frozenset[str]:
        """Return the names of the nodes of a PoP that have reported."""
        held = self._roster.pop(pop)
        return frozenset(held.nodes) if held else frozenset()

    def remove(self, pop: str, node: str | None = None) -> None:
        """Forget a PoP, or one node of it, until it reports again."""
        self._roster.remove(pop, node)

    def receipt(self, environment: str, position: Position, committed_at: int) -> Receipt:
        """Return where *position* of *environment* has arrived by now."""
        arrived: list[PopReceipt] = []
        missing: list[str] = []
        holdings = self._environments.get(environment)
        for pop in sorted(self._roster, key=lambda pop: pop.name) if holdings else ():
            assert holdings is not None
            held = self._settle(environment, pop)
            if held is None:
                continue
            if held < position:
                missing.append(pop.name)
                continue
            at = holdings.covered_at(pop.number, position)
            took = max(0, at - committed_at)
            arrived.append(PopReceipt(pop=pop.name, region=pop.region, applied_at=at, ms=took))
        took_sorted = sorted(receipt.ms for receipt in arrived)
        return Receipt(
            environment=environment,
            epoch=position.epoch,
            version=position.version,
            committed_at=committed_at,
            expected=len(arrived) + len(missing),
            applied=len(arrived),
            complete=not missing,
            missing=tuple(missing),
            p50_ms=_percentile(took_sorted, 50),
            p99_ms=_percentile(took_sorted, 99),
            max_ms=took_sorted[-1] if took_sorted else None,
            pops=tuple(arrived),
        )

    def _apply(self, environment: str, node: int, positions: Iterable[Applied]) -> None:
        holdings = self._environments.get(environment)
        if holdings is None:
            if len(self._environments) >= MOST_FOLLOWED:
                return
            holdings = self._environments[environment] = Holdings(self._epochs)
        for ack in positions:
            holdings.apply(node, Position(ack.epoch, ack.version), ack.applied_at)

    def _settle(self, environment: str, pop: RosteredPop) -> Position | None:
        """Return what a PoP holds, or None where it is not expected."""
        holdings = self._environments.get(environment)
        if holdings is None:
            return None
        nodes = self._roster.deciding([node for node in pop.nodes.values() if holdings.has(node)])
        return holdings.settle(pop.number, nodes) if nodes else None

    def _forget_node(self, number: int) -> None:
        for holdings in self._environments.values():
            holdings.drop(number)

    def _forget_pop(self, number: int) -> None:
        for holdings in self._environments.values():
            holdings.drop_pop(number)


def _percentile(values: list[int], percent: int) -> int | None:
    """Return the percentile of sorted *values*, interpolated; None where there are none."""
    if len(values) < 2:
        return values[0] if values else None
    return round(quantiles(values, n=100, method="inclusive")[percent - 1])
