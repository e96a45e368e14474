"""What every serving node is made of, whatever its role."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.registry import Collector

from pennon.model.position import ACCESS
from pennon.relay.follower import Follower
from pennon.web.auth import Keys
from pennon.web.data_plane import Routed
from pennon.web.fanout import Fanout
from pennon.web.health import HealthEndpoints
from pennon.web.history import History
from pennon.web.holding_metrics import HoldingMetrics
from pennon.web.metrics import MetricsEndpoints
from pennon.web.reports import ReportEndpoints, Reports
from pennon.web.settings import NodeSettings
from pennon.web.stream import Streams
from pennon.web.stream_metrics import StreamCollector
from pennon.web.sync import SyncEndpoints


class Node:
    """A follower's replicas, served to those below: stream, datafile, reports and health."""

    def __init__(
        self,
        follower: Follower,
        fanout: Fanout,
        settings: NodeSettings,
        reports: Reports,
        history: History | None = None,
        metrics: Iterable[Collector] = (),
    ) -> None:
        self.keys = Keys(
            follower.access,
            current=lambda: follower.freshness.stale_ms(ACCESS) is None,
            proxies=settings.proxies,
        )
        streams = Streams(self.keys, fanout, follower.freshness, settings)
        self.metrics = MetricsEndpoints(
            follower, fanout, self.keys, [StreamCollector(streams), *metrics]
        )
        if follower.on_demand is not None:
            self.metrics.add(HoldingMetrics(follower.on_demand))
        self.parts: tuple[Routed, ...] = (
            HealthEndpoints(follower),
            self.metrics,
            SyncEndpoints(follower.replicas, streams, history, follower.open),
            ReportEndpoints(self.keys, reports),
        )
