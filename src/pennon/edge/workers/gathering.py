"""The metrics of all workers, collected by their supervisor, and what it tells itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from pennon.edge.workers.employed import Employed
from pennon.edge.workers.families import Family, families_of

_PATIENCE_SECONDS: Final = 2.0
"""How long a worker may take; the others are told of without it."""


async def gather_metrics(children: Sequence[Employed]) -> dict[str, tuple[Family, ...]]:
    """Return the metrics of each of *children* that tells them in time, by its name."""
    told = await asyncio.gather(*(child.collect(_PATIENCE_SECONDS) for child in children))
    return {
        child.name: families
        for child, families in zip(children, told, strict=True)
        if families is not None
    }


def own_metrics(places: int, ready: int, started: int) -> tuple[Family, ...]:
    """Return what a supervisor tells of its workers."""
    return families_of(
        (
            GaugeMetricFamily("pennon_workers", "Workers that there should be.", value=places),
            GaugeMetricFamily("pennon_workers_ready", "Workers that are ready.", value=ready),
            CounterMetricFamily(
                "pennon_workers_started",
                "Workers that were started: at the start, for one that died, or by a reload.",
                value=started,
            ),
        )
    )
