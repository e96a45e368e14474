"""Compiled rulesets, kept in step with the replicas: what evaluations read."""

from __future__ import annotations

from collections.abc import Iterator

from pennon.evaluation.ruleset import Ruleset
from pennon.model.messages import Change, Snapshot
from pennon.model.position import ACCESS
from pennon.relay.replica import Replica
from pennon.relay.replicas import Replicas


class Rulesets:
    """
    One ruleset for each environment that the node holds.

    A reader takes the ruleset and evaluates without giving up the event loop, so that it never
    sees half a change. A change recompiles one flag or segment.
    """

    def __init__(self, replicas: Replicas) -> None:
        self._replicas = replicas
        self._rulesets: dict[str, Ruleset] = {}
        replicas.watch(self._on_news)
        replicas.watch_the_end(self._forget)

    def get(self, environment: str) -> Ruleset | None:
        """Return the ruleset of *environment*, or None when the node does not hold it."""
        return self._rulesets.get(environment) if environment in self._replicas else None

    def __iter__(self) -> Iterator[Ruleset]:
        return iter(tuple(self._rulesets.values()))

    def _forget(self, environment: str) -> None:
        ruleset = self._rulesets.pop(environment, None)
        if ruleset is not None:
            ruleset.untie()

    def _on_news(self, replica: Replica, news: Change | Snapshot) -> None:
        if replica.environment == ACCESS:
            return
        ruleset = self._rulesets.get(replica.environment)
        if isinstance(news, Snapshot) or ruleset is None:
            self._forget(replica.environment)
            self._rulesets[replica.environment] = _compile(replica)
        elif news.kind == "flag":
            ruleset.set_flag(news.key, news.item, news.position.version)
        else:
            ruleset.set_segment(news.key, news.item, news.position.version)


def _compile(replica: Replica) -> Ruleset:
    assert replica.position is not None
    return Ruleset.of(
        replica.position.version,
        flags={key: data for (kind, key), data in replica.items.items() if kind == "flag"},
        segments={key: data for (kind, key), data in replica.items.items() if kind == "segment"},
    )
