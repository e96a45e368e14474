"""What a node tells Prometheus of external members: what it knows, and what it asks."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from pennon.relay.node_members import NodeMembers


class MemberMetrics(Collector):
    """Tells how many keys are remembered, how often that was enough, and how lookups went."""

    def __init__(self, members: NodeMembers) -> None:
        self._members = members

    def collect(self) -> Iterator[Metric]:
        entries, questions = self._members.cache.entries, self._members.questions
        yield GaugeMetricFamily(
            "pennon_members_entries",
            "Keys of external segments that are remembered.",
            value=len(entries),
        )
        yield GaugeMetricFamily(
            "pennon_members_bytes", "About what they take in memory.", value=entries.bytes
        )
        yield CounterMetricFamily(
            "pennon_members_evicted", "Keys that went for others.", value=entries.evicted
        )
        asked = CounterMetricFamily(
            "pennon_members_asked",
            "Questions of evaluations about keys, by whether the answer was known.",
            labels=["known"],
        )
        asked.add_metric(["yes"], self._members.cache.hits)
        asked.add_metric(["no"], self._members.cache.misses)
        yield asked
        lookups = CounterMetricFamily(
            "pennon_members_lookups",
            "Questions to the parent about many keys, by what came of them.",
            labels=["outcome"],
        )
        for outcome, count in sorted(questions.outcomes.items()):
            lookups.add_metric([outcome], count)
        yield lookups
        yield CounterMetricFamily(
            "pennon_members_lookup_keys", "Keys in those questions.", value=questions.keys
        )
        yield HistogramMetricFamily(
            "pennon_members_lookup_seconds",
            "How long the parent took to answer one.",
            buckets=questions.latencies.buckets(),
            sum_value=questions.latencies.total,
        )
        yield CounterMetricFamily(
            "pennon_members_turned_away",
            "Keys that were not asked about, since too many were waiting.",
            value=self._members.lookups.turned_away,
        )
