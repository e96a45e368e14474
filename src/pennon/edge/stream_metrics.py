"""What an evaluating node tells Prometheus of the streams that pages hold."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.web.fanout import Fanout


class EventStreamMetrics(Collector):
    """Reads the seats when it is asked."""

    def __init__(self, fanout: Fanout) -> None:
        self._fanout = fanout

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "pennon_event_streams", "Event streams that pages hold.", value=self._fanout.taken
        )
        yield CounterMetricFamily(
            "pennon_event_streams_refused",
            "Event streams that found no seat.",
            value=self._fanout.refused,
        )
