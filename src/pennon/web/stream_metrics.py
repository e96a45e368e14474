"""What a node tells Prometheus of its streams: who is catching up, and how many it sent away."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.web.stream import Streams


class StreamCollector(Collector):
    """Reads the streams when it is asked."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "pennon_followers_catching_up",
            "Followers in the midst of something large, such as a whole environment.",
            value=self._streams.busy,
        )
        yield CounterMetricFamily(
            "pennon_followers_refused",
            "Followers that were told to come back later.",
            value=self._streams.refused + self._streams.fanout.refused,
        )
