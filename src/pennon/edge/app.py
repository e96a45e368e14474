"""An edge node: a connector that also evaluates."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from pennon.connector import app
from pennon.connector.node import ConnectorNode
from pennon.edge.collector import Collector
from pennon.edge.evaluating import Evaluating
from pennon.edge.footprint import compiled
from pennon.edge.metrics import CollectorMetrics
from pennon.edge.sampler import Sampler
from pennon.edge.settings import EdgeSettings
from pennon.edge.workers.places import place_of
from pennon.kv.spool import Spool
from pennon.model.ready import NodeReady
from pennon.relay.backoff import Backoff
from pennon.relay.postbox import Postbox
from pennon.relay.working_set import Holding
from pennon.web.data_plane import Routed
from pennon.web.sampling_settings import SamplingSettings

EVENTS_FOLDER: Final = "events"
"""Where, in a node's folder, batches wait for the parent."""


def run(settings: EdgeSettings, announce: Callable[[NodeReady], None]) -> None:
    """Serve until told to stop; *announce* is called once every environment is loaded."""
    place = place_of(settings.data / EVENTS_FOLDER, None)
    app.run(
        settings,
        announce,
        role="edge",
        more=partial(evaluations, settings, place=place),
        holding=holding_of(settings),
    )


def holding_of(settings: EdgeSettings) -> Holding | None:
    """Return what an edge is to hold in memory; None is all that its key grants."""
    if settings.memory_mb == 0:
        return None
    return Holding(
        budget=round(settings.memory_mb * 1_000_000), pinned=settings.pin, weigh=compiled
    )


def evaluations(settings: EdgeSettings, node: ConnectorNode, place: Path) -> tuple[Routed, ...]:
    """
    Return what an edge serves that a connector does not: answers from compiled rulesets.

    Batches of what was counted wait in the folder *place*.
    """
    spool = Spool(place)
    clock = node.follower.freshness.parents_time
    collector = Collector(
        settings.node,
        Postbox(spool, node.events.send, Backoff(random.random)),
        clock,
        sampler=sampler_of(settings, clock),
        window=settings.exposure_seconds,
    )
    node.run_beside(collector.running)
    node.metrics.add(CollectorMetrics(collector))
    evaluating = Evaluating(
        node.follower, node.keys, node.fanout, settings, node.members, collector
    )
    node.prepare_by(evaluating.warm)
    for metrics in evaluating.metrics:
        node.metrics.add(metrics)
    return evaluating.parts


def sampler_of(settings: SamplingSettings, clock: Callable[[], int]) -> Sampler | None:
    """Return what samples contexts, if *settings* allow it."""
    if settings.contexts == "off":
        return None
    return Sampler(settings.private if settings.contexts == "attributes" else None, clock)
