"""What a node with parents tells Prometheus of them."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.relay.parents import Parents


class ParentMetrics(Collector):
    """Which parent is followed, and how often that was another."""

    def __init__(self, parents: Parents) -> None:
        self._parents = parents

    def collect(self) -> Iterator[Metric]:
        followed = GaugeMetricFamily(
            "pennon_parent", "1 for the parent that is followed, else 0.", labels=["parent"]
        )
        for url in dict.fromkeys(self._parents.urls):
            followed.add_metric([url], url == self._parents.url)
        yield followed
        yield CounterMetricFamily(
            "pennon_parent_changes",
            "How often another parent was followed than before.",
            value=self._parents.moves,
        )
