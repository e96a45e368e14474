"""What an origin that publishes to L3 tells Prometheus of it."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.origin.kv_publisher import KvPublisher


class PublisherCollector(Collector):
    """Reads the publisher when it is asked."""

    def __init__(self, publisher: KvPublisher) -> None:
        self._publisher = publisher

    def collect(self) -> Iterator[Metric]:
        publisher = self._publisher
        version = GaugeMetricFamily(
            "pennon_l3_version",
            "Version that L3 is known to hold of an environment.",
            labels=["environment"],
        )
        for environment, position in sorted(publisher.published.items()):
            version.add_metric([environment], position.version)
        lacking = GaugeMetricFamily(
            "pennon_l3_lacking_seconds",
            "Seconds for which L3 has lacked what this origin holds of an environment.",
            labels=["environment"],
        )
        for environment in sorted({*publisher.published, *publisher.lacking}):
            lacking.add_metric([environment], publisher.lacking_seconds(environment))
        yield from (version, lacking)
        yield CounterMetricFamily(
            "pennon_l3_writes", "Datafiles that were written to L3.", value=publisher.writes
        )
        yield CounterMetricFamily(
            "pennon_l3_written_bytes",
            "Bytes that were written to L3.",
            value=publisher.store.written,
        )
        yield CounterMetricFamily(
            "pennon_l3_failures",
            "Writes to L3, and comparisons with it, that failed.",
            value=publisher.failures,
        )
