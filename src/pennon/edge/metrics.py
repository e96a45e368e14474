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
            "pennon_exposures_lost",
            "Exposures that were not told of, because they could not be kept.",
            value=self._collector.exposures.lost,
        )
        dropped = CounterMetricFamily(
            "pennon_event_batches_dropped",
            "Batches that were given up, by what they held and why.",
            labels=["kind", "reason"],
        )
        for (sort, why), count in sorted(self._collector.dropped.items()):
            dropped.add_metric([sort, why], count)
        yield dropped
