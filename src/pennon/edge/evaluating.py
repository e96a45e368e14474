"""What a node serves that evaluates, as an edge or beside an origin."""

from __future__ import annotations

from prometheus_client.registry import Collector

from pennon.edge.answering import Answering
from pennon.edge.answering_metrics import AnsweringMetrics
from pennon.edge.bootstrap import BootstrapEndpoints
from pennon.edge.catching_up import CatchingUp
from pennon.edge.client_events import ClientEvents
from pennon.edge.client_stream.asking import Asking
from pennon.edge.client_stream.groups import Groups
from pennon.edge.client_stream.metrics import ClientStreamMetrics
from pennon.edge.client_stream.streams import ClientStreams
from pennon.edge.counting import Counter
from pennon.edge.event_metrics import EventMetrics
from pennon.edge.event_streams import EventStreams
from pennon.edge.impacts import Impacts
from pennon.edge.ofrep import OfrepEndpoints
from pennon.edge.rulesets import Rulesets
from pennon.edge.scope import Scopes
from pennon.edge.stream_metrics import EventStreamMetrics
from pennon.edge.warming import warm
from pennon.relay.follower import Follower
from pennon.relay.node_members import NodeMembers
from pennon.web.admission import Admission
from pennon.web.admission_metrics import AdmissionMetrics
from pennon.web.auth import Keys
from pennon.web.cors import CrossOrigin
from pennon.web.data_plane import Routed
from pennon.web.evaluating_settings import EvaluatingSettings
from pennon.web.fanout import Fanout


class Evaluating:
    """
    Answers from the rulesets of *follower* and from what *members* says of external segments;
    `parts` are its routes, which pages may ask too.

    The streams that pages hold end with those of *fanout*, which nodes hold.
    """

    def __init__(
        self,
        follower: Follower,
        keys: Keys,
        fanout: Fanout,
        settings: EvaluatingSettings,
        members: NodeMembers,
        counter: Counter | None = None,
    ) -> None:
        self.rulesets = Rulesets(follower.replicas)
        impacts = Impacts(follower.replicas, self.rulesets)
        self.admission = Admission(settings)
        self.scopes = Scopes(follower, keys, self.rulesets, self.admission)
        self.answering = Answering(
            members.cache,
            members.lookups,
            self.scopes.renew,
            deadline=settings.members_deadline_ms / 1000,
        )
        self.streams = EventStreams(
            follower.replicas,
            keys,
            comment_seconds=settings.comment_seconds,
            most=settings.event_streams,
            impacts=impacts,
            refetch_seconds=settings.refetch_seconds,
            admission=self.admission,
            open=follower.open,
            once_open=self.scopes.once_open,
            may_hold=follower.may_hold,
        )
        self.client_streams = ClientStreams(
            self.scopes,
            follower.replicas,
            keys,
            Groups(self.rulesets, impacts, members.cache, counter),
            Asking(members.lookups, deadline=settings.members_deadline_ms / 1000),
            comment_seconds=settings.comment_seconds,
            most=settings.client_streams,
            admission=self.admission,
        )
        fanout.drains_too(self.streams.fanout)
        fanout.drains_too(self.client_streams.fanout)
        parts: tuple[Routed, ...] = (
            OfrepEndpoints(
                self.scopes,
                self.answering,
                counter,
                self.streams,
                CatchingUp(follower.replicas),
            ),
            self.streams,
            self.client_streams,
            BootstrapEndpoints(
                self.scopes, self.answering, follower.freshness.parents_time, counter
            ),
        )
        self.metrics: tuple[Collector, ...] = (
            EventStreamMetrics(self.streams.fanout),
            ClientStreamMetrics(self.client_streams),
            AdmissionMetrics(self.admission),
            AnsweringMetrics(self.answering),
        )
        if counter is not None:
            events = ClientEvents(self.scopes, counter, follower.freshness.parents_time)
            parts = (*parts, events)
            self.metrics = (*self.metrics, EventMetrics(events))
        self.parts: tuple[Routed, ...] = tuple(CrossOrigin(part, settings.pages) for part in parts)

    def warm(self) -> None:
        """Compile what is loaded, as far as there is time for it."""
        warm(self.rulesets)
