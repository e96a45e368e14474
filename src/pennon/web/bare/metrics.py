"""What a node tells Prometheus of its connections."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.web.bare.server import BareServer


class ConnectionMetrics(Collector):
    """Reads the server when it is asked."""

    def __init__(self, bare: BareServer) -> None:
        self._bare = bare

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "pennon_connections", "Connections that are open.", value=self._bare.connections
        )
        yield CounterMetricFamily(
            "pennon_connections_refused",
            "Connections that were refused: too many, in all or of one address.",
            value=self._bare.refused,
        )
