"""What a node with a memory budget tells Prometheus of it."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pennon.relay.on_demand import OnDemand

_MOST_NAMED: Final = 100


class HoldingMetrics(Collector):
    """Reads the working set when it is asked; of the environments it names the largest."""

    def __init__(self, on_demand: OnDemand) -> None:
        self._on_demand = on_demand

    def collect(self) -> Iterator[Metric]:
        working_set = self._on_demand.working_set
        sizes = working_set.sizes
        for name, help, value in (
            ("budget_bytes", "Bytes that environments may take in memory.", working_set.budget),
            ("used_bytes", "Bytes that environments take in memory.", working_set.used),
            ("environments", "Environments in memory.", len(sizes)),
            ("environments_opening", "Environments being opened.", len(working_set.opening)),
            ("environments_waiting", "Environments asked for without room.", working_set.waiting),
        ):
            yield GaugeMetricFamily(f"pennon_memory_{name}", help, value=value)
        largest = GaugeMetricFamily(
            "pennon_memory_environment_bytes",
            "Bytes that an environment takes in memory, for the hundred largest.",
            labels=["environment"],
        )
        for environment, size in nlargest(_MOST_NAMED, sizes.items(), key=lambda item: item[1]):
            largest.add_metric([environment], size)
        yield largest
        opened = CounterMetricFamily(
            "pennon_environments_opened",
            "Environments asked for and not in memory, by the tier that had them and what came.",
            labels=["tier", "outcome"],
        )
        for (tier, outcome), count in sorted(self._on_demand.opened.items()):
            opened.add_metric([tier, outcome], count)
        yield opened
        yield CounterMetricFamily(
            "pennon_environments_dropped",
            "Environments dropped from memory to make room for others.",
            value=working_set.dropped,
        )
