"""The metrics of several workers, as one answer."""

from __future__ import annotations

import math

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pennon.edge.workers.families import Family, families_of, together


def told(version: float) -> tuple[Family, ...]:
    """Return the metrics of a worker, as they arrive."""
    registry = CollectorRegistry()
    Gauge("a_version", "A version.", ["environment"], registry=registry).labels("shop").set(version)
    Counter("a_count", "A count.", registry=registry).inc(3)
    sent = msgspec.msgpack.encode(families_of(registry.collect()))
    return msgspec.msgpack.decode(sent, type=tuple[Family, ...])


def samples(text: str) -> dict[tuple[str, str, str], float]:
    """Return the samples of an answer, by name, environment and worker."""
    return {
        (sample.name, sample.labels.get("environment", ""), sample.labels.get("worker", "")): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class TestTogether:
    def test_each_says_whose_it_is(self) -> None:
        """A sample keeps its labels and value, and has its worker's name beside."""
        text = generate_latest(together({"w0": told(7), "w1": told(8)})).decode()

        assert samples(text)["a_version", "shop", "w0"] == 7
        assert samples(text)["a_version", "shop", "w1"] == 8
        assert samples(text)["a_count_total", "", "w1"] == 3

    def test_a_metric_is_told_once(self) -> None:
        """All samples of a name stand together, as the format wants it."""
        text = generate_latest(together({"w0": told(7), "w1": told(8)})).decode()

        assert text.count("# TYPE a_version gauge") == 1

    def test_what_is_of_none(self) -> None:
        """What the supervisor tells has no worker's name."""
        text = generate_latest(together({"w0": told(7)}, own=told(1))).decode()

        assert samples(text)["a_version", "shop", ""] == 1

    def test_a_value_that_is_no_number(self) -> None:
        """Not even that is lost on the way."""
        text = generate_latest(together({"w0": told(math.nan)})).decode()

        assert math.isnan(samples(text)["a_version", "shop", "w0"])
