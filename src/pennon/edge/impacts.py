"""Whose answers a change can reach, for each environment whose clients are told of changes."""

from __future__ import annotations

from collections.abc import Set

from pennon.edge.rulesets import Rulesets
from pennon.evaluation.dependents import Item
from pennon.evaluation.entries import ClientKind
from pennon.evaluation.impact import Impact
from pennon.model.messages import Change, Snapshot
from pennon.model.position import Position
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas


class Impacts:
    """
    An `Impact` for each environment that somebody follows, kept in step with its ruleset.

    It begins with the first who does: a node that nobody streams from pays nothing.
    *rulesets* must have been told of news before this is.
    """

    def __init__(self, replicas: Replicas, rulesets: Rulesets) -> None:
        self._replicas, self._rulesets = replicas, rulesets
        self._impacts: dict[str, Impact] = {}
        replicas.watch(self._on_news)
        replicas.watch_the_end(self._forget)

    def seen_since(
        self, environment: str, told: Position, kind: ClientKind | None
    ) -> Set[str] | None:
        """
        Return the flags that keys of *kind* may be answered otherwise than at *told*.

        None means that it is not known: any flag may be.
        """
        impact, replica = self.follow(environment), self._replicas.get(environment)
        if impact is None or replica is None or replica.position is None:
            return None
        if told.epoch != replica.position.epoch:
            return None
        return impact.seen_since(told.version, kind)

    def follow(self, environment: str) -> Impact | None:
        """Note from now on what changes; None when the node does not hold *environment*."""
        ruleset = self._rulesets.get(environment)
        if ruleset is None:
            return None
        impact = self._impacts.get(environment)
        if impact is None or impact.ruleset is not ruleset:
            impact = self._impacts[environment] = Impact(ruleset)
        return impact

    def _forget(self, environment: str) -> None:
        self._impacts.pop(environment, None)

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        impact = self._impacts.get(replica.environment)
        if impact is None:
            return
        if isinstance(news, Snapshot) or impact.ruleset is not self._rulesets.get(
            replica.environment
        ):
            self._impacts.pop(replica.environment, None)
        elif news.kind == "flag" or news.kind == "segment":
            impact.note(Item(news.kind, news.key))
