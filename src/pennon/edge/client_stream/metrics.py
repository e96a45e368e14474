"""What an evaluating node tells Prometheus of the client streams that it holds."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.edge.client_stream.streams import ClientStreams


class ClientStreamMetrics(Collector):
    """Reads the seats and the groups when it is asked."""

    def __init__(self, streams: ClientStreams) -> None:
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "pennon_client_streams",
            "Client streams that pages and apps hold.",
            value=self._streams.fanout.taken,
        )
        yield GaugeMetricFamily(
            "pennon_client_stream_contexts",
            "Different contexts that they are for.",
            value=len(self._streams.groups),
        )
        yield CounterMetricFamily(
            "pennon_client_streams_refused",
            "Client streams that found no seat.",
            value=self._streams.fanout.refused,
        )
