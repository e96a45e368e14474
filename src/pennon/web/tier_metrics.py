"""What a node tells Prometheus of its tiers: what each holds, and how old that is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.relay.follower import Follower
from pennon.relay.tiers import Standing


class TierCollector(Collector):
    """
    Reads a follower's tiers when it is asked; *wall* is epoch time in seconds.

    A tier's age is that of the last change in it, so that the ages of two tiers compare: a tier
    that is older than memory lacks something.
    """

    def __init__(self, follower: Follower, wall: Callable[[], float] = time.time) -> None:
        self._follower, self._wall = follower, wall

    def collect(self) -> Iterator[Metric]:
        version = GaugeMetricFamily(
            "pennon_tier_version",
            "Version that a tier is known to hold of an environment.",
            labels=["tier", "environment"],
        )
        age = GaugeMetricFamily(
            "pennon_tier_age_seconds",
            "Seconds since the commit of the last change that a tier is known to hold.",
            labels=["tier", "environment"],
        )
        for tier, standings in self._tiers():
            for environment, standing in sorted(standings.items()):
                version.add_metric([tier, environment], standing.position.version)
                if standing.committed_at:
                    seconds = max(self._wall() - standing.committed_at / 1000, 0.0)
                    age.add_metric([tier, environment], seconds)
        source = GaugeMetricFamily(
            "pennon_environment_source",
            "1 for where the node last took an environment from: l2, l3 or its parent.",
            labels=["environment", "source"],
        )
        for replica in self._follower.replicas:
            if replica.fed_by is not None:
                source.add_metric([replica.environment, replica.fed_by], 1)
        yield from (version, age, source)
        yield from self._fallback()

    def _tiers(self) -> Iterator[tuple[str, dict[str, Standing]]]:
        follower = self._follower
        yield (
            "l1",
            {
                replica.environment: Standing(replica.position, replica.committed_at)
                for replica in follower.replicas
                if replica.position is not None
            },
        )
        if follower.keeper is not None:
            yield "l2", follower.keeper.kept
        if follower.fallback is not None:
            yield "l3", follower.fallback.seen

    def _fallback(self) -> Iterator[Metric]:
        fallback = self._follower.fallback
        if fallback is None:
            return
        reads = CounterMetricFamily(
            "pennon_l3_reads",
            "Questions to L3 while the parent was silent, by what came of them.",
            labels=["outcome"],
        )
        for outcome, count in sorted(fallback.read.items()):
            reads.add_metric([outcome], count)
        yield reads
        yield CounterMetricFamily(
            "pennon_l3_refused",
            "Datafiles of L3 that were not taken: torn, rotten, wrong or shrunk.",
            value=fallback.refused,
        )
