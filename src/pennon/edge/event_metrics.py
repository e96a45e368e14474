"""What an evaluating node tells Prometheus of the events that clients tell it."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.edge.client_events import ClientEvents


class EventMetrics(Collector):
    """Tells what was taken, and what was refused."""

    def __init__(self, events: ClientEvents) -> None:
        self._events = events

    def collect(self) -> Iterator[Metric]:
        taken = CounterMetricFamily(
            "pennon_client_events", "Events that clients told of.", labels=["kind"]
        )
        for kind, count in sorted(self._events.taken.items()):
            taken.add_metric([kind], count)
        yield taken
        yield CounterMetricFamily(
            "pennon_client_events_refused",
            "Events of clients that were wrong, each by itself.",
            value=self._events.refused,
        )
