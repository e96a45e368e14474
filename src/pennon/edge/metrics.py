"""What an evaluating node tells Prometheus of its counting."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector as Registered

from pennon.edge.collector import Collector


class CollectorMetrics(Registered):
    """Tells what was counted and never arrived."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "pennon_evaluations_lost",
            "Evaluations that were not counted, because too many different ones came at once.",
            value=self._collector.lost,
        )
        yield CounterMetricFamily(
            "pennon_event_batches_dropped",
            "Batches of counts that were given up: no room to keep them, or refused.",
            value=self._collector.dropped,
        )
