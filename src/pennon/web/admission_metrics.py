"""What an evaluating node tells Prometheus of those whom it refused because they asked too much."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.web.admission import Admission


class AdmissionMetrics(Collector):
    """Reads the counters when it is asked."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    def collect(self) -> Iterator[Metric]:
        refused = CounterMetricFamily(
            "pennon_requests_limited",
            "Requests that were refused because too many came, by whose they were.",
            labels=["by"],
        )
        refused.add_metric(["key"], self._admission.refused_keys)
        refused.add_metric(["address"], self._admission.refused_addresses)
        yield refused
        yield CounterMetricFamily(
            "pennon_streams_limited",
            "Streams that were refused because their key or address holds all that one may.",
            value=self._admission.shares.refused,
        )
