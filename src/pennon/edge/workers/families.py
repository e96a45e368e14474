"""Metrics as they travel between workers, and as one answer to who asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

LABEL = "worker"
"""The label by which the metrics of workers are told apart."""

Sample = tuple[str, dict[str, str], float]


class Family(Struct, frozen=True):
    """All samples of one metric."""

    name: str
    help: str
    type: str
    samples: tuple[Sample, ...]


def families_of(metrics: Iterable[Metric]) -> tuple[Family, ...]:
    """Return what *metrics* tell."""
    return tuple(
        Family(
            metric.name,
            metric.documentation,
            metric.type,
            tuple(
                (sample.name, dict(sample.labels), float(sample.value)) for sample in metric.samples
            ),
        )
        for metric in metrics
    )


def together(
    workers: Mapping[str, Iterable[Family]], own: Iterable[Family] = ()
) -> CollectorRegistry:
    """Return what is to be told of all *workers*, and what is of none of them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Together(workers, own))
    return registry


class _Together(Collector):
    """
    The metrics of all *workers*, each sample labelled with whose it is, and what is of none.

    They are not added up: what a sum of versions or of ages would say is nothing.
    """

    def __init__(self, workers: Mapping[str, Iterable[Family]], own: Iterable[Family] = ()) -> None:
        self._workers, self._own = workers, own

    def collect(self) -> Iterator[Metric]:
        told: dict[str, Metric] = {}
        for family in self._own:
            metric = told.setdefault(family.name, _empty(family))
            for name, labels, value in family.samples:
                metric.add_sample(name, labels, value)
        for worker, families in sorted(self._workers.items()):
            for family in families:
                metric = told.setdefault(family.name, _empty(family))
                for name, labels, value in family.samples:
                    metric.add_sample(name, {**labels, LABEL: worker}, value)
        yield from told.values()


def _empty(family: Family) -> Metric:
    return Metric(family.name, family.help, family.type)
