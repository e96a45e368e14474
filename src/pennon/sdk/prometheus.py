"""
Clients as metrics of the application's own Prometheus registry; it needs `prometheus-client`.

    from prometheus_client import REGISTRY
    from pennon.sdk.prometheus import ClientMetrics

    REGISTRY.register(ClientMetrics(client))
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.sdk.core import Core


class ClientMetrics(Collector):
    """The state of one client and its numbers, under names that begin with ``pennon_client_``."""

    def __init__(self, client: Core) -> None:
        self._client = client

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics as they are now."""
        status, stats = self._client.status, self._client.stats
        state = GaugeMetricFamily(
            "pennon_client_state", "1 for the state that the client is in.", labels=["state"]
        )
        state.add_metric([status.state], 1)
        yield state
        yield GaugeMetricFamily(
            "pennon_client_stale_seconds",
            "How old what is served is, while that is stale; else 0.",
            stats.stale_seconds,
        )
        yield CounterMetricFamily(
            "pennon_client_streams_lost",
            "Streams that ended or could not be had.",
            stats.streams_lost,
        )
        yield CounterMetricFamily(
            "pennon_client_events_told", "Events that the edge took.", stats.events_told
        )
        yield GaugeMetricFamily(
            "pennon_client_events_waiting",
            "Events that it has not taken yet.",
            stats.events_waiting,
        )
        dropped = CounterMetricFamily(
            "pennon_client_events_dropped", "Events that were never told.", labels=["what"]
        )
        for what, count in sorted(stats.dropped.items()):
            dropped.add_metric([what], count)
        yield dropped
        yield CounterMetricFamily(
            "pennon_client_callbacks_dropped",
            "Calls of listeners that could not keep up.",
            stats.callbacks_dropped,
        )
