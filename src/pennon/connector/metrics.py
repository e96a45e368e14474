"""What a node with parents tells Prometheus of them."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.connector.history import ParentHistory
from pennon.relay.parents import Parents


class ParentMetrics(Collector):
    """Which parent is followed, how often that was another, and what was asked of it."""

    def __init__(self, parents: Parents, history: ParentHistory) -> None:
        self._parents, self._history = parents, history

    def collect(self) -> Iterator[Metric]:
        followed = GaugeMetricFamily(
            "pennon_parent", "1 for the parent that is followed, else 0.", labels=["parent"]
        )
        for address, is_followed in self._parents.shown.items():
            followed.add_metric([address], is_followed)
        yield followed
        yield CounterMetricFamily(
            "pennon_parent_changes",
            "How often another parent was followed than before.",
            value=self._parents.moves,
        )
        yield CounterMetricFamily(
            "pennon_history_asked",
            "Questions to the parent for changes that this node no longer has.",
            value=self._history.asked,
        )
        yield CounterMetricFamily(
            "pennon_history_missed",
            "Followers that were sent everything, since the changes were not to be had.",
            value=self._history.missed,
        )
