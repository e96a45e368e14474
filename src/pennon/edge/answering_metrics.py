"""What an evaluating node tells Prometheus of answers that external members held up."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.edge.answering import Answering


class AnsweringMetrics(Collector):
    """Tells how many answers had to wait, and how many were given without waiting longer."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "pennon_members_waits",
            "Answers for which external members had to be asked about.",
            value=self._answering.waited,
        )
        yield CounterMetricFamily(
            "pennon_members_unknown",
            "Answers that were given with a membership not known in time.",
            value=self._answering.late,
        )
