"""What a node tells Prometheus: where it stands, how fresh it is, what it took and refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from pennon.relay.follower import Follower
from pennon.web.auth import Keys
from pennon.web.fanout import Fanout
from pennon.web.handler import NO_STORE, Handler, Request, Response
from pennon.web.tier_metrics import TierCollector


class MetricsEndpoints:
    """Serves the metrics to holders of a relay key: they name environments."""

    def __init__(
        self, follower: Follower, fanout: Fanout, keys: Keys, more: Iterable[Collector] = ()
    ) -> None:
        self._keys = keys
        self.registry = CollectorRegistry(auto_describe=False)
        for collector in (_NodeCollector(follower, fanout), TierCollector(follower), *more):
            self.registry.register(collector)

    def add(self, collector: Collector) -> None:
        """Serve what *collector* tells, too."""
        self.registry.register(collector)

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/metrics"): self.metrics}

    def metrics(self, request: Request) -> Response:
        """Answer what this process tells."""
        self.check(request)
        return self.answer(request, self.registry)

    def check(self, request: Request) -> None:
        """Raise Unauthenticated, Forbidden or NotReady where *request* may not ask."""
        self._keys.relay(request)

    def answer(self, request: Request, told: CollectorRegistry) -> Response:
        """Return what is *told*, in the format that the scraper asks for."""
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(headers=(("content-type", content_type), NO_STORE), body=encode(told))


class _NodeCollector(Collector):
    """Reads the node when it is asked; nothing is counted twice or kept apart."""

    def __init__(self, follower: Follower, fanout: Fanout) -> None:
        self._follower, self._fanout = follower, fanout

    def collect(self) -> Iterator[Metric]:
        follower = self._follower
        version = GaugeMetricFamily(
            "pennon_environment_version", "Version held of an environment.", labels=["environment"]
        )
        stale = GaugeMetricFamily(
            "pennon_environment_stale_seconds",
            "Seconds without news of an environment once that is too long, else 0.",
            labels=["environment"],
        )
        for replica in follower.replicas:
            if replica.position is not None:
                version.add_metric([replica.environment], replica.position.version)
            silent = follower.freshness.stale_ms(replica.environment)
            stale.add_metric([replica.environment], (silent or 0) / 1000)
        messages = CounterMetricFamily(
            "pennon_messages",
            "Messages from the parent, by what became of them.",
            labels=["type", "verdict"],
        )
        for (kind, verdict), count in sorted(
            follower.replicas.taken.items(), key=lambda item: (item[0][0], item[0][1].name)
        ):
            messages.add_metric([kind, verdict.name.lower()], count)
        alarms = GaugeMetricFamily(
            "pennon_environment_alarm",
            "1 for as long as something is wrong with what the parent says of an environment.",
            labels=["environment", "alarm"],
        )
        for environment, alarm in follower.alarms:
            if environment in follower.replicas:
                alarms.add_metric([environment, alarm], 1)
        yield from (version, stale, messages, alarms)
        yield CounterMetricFamily(
            "pennon_messages_unreadable",
            "Messages from the parent that could not be read, nor told to be of an environment.",
            value=follower.unreadable,
        )
        yield GaugeMetricFamily(
            "pennon_followers", "Nodes that stream from this one.", value=self._fanout.taken
        )
        yield GaugeMetricFamily(
            "pennon_ready", "Whether all that must be served is loaded.", value=follower.ready
        )
        if follower.keeper is not None:
            yield CounterMetricFamily(
                "pennon_datafile_write_failures",
                "Datafiles that could not be written to disk.",
                value=follower.keeper.failures,
            )
