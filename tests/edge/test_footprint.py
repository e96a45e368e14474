"""The estimate of what a ruleset takes in memory, held to what `tracemalloc` says."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Sequence

import pytest

from pennon.edge.footprint import compiled
from pennon.edge.rulesets import Rulesets
from pennon.evaluation.evaluate import evaluate_all
from pennon.model.codec import encode_item
from pennon.model.flag import Flag, Variation
from pennon.model.messages import ItemId
from pennon.model.segment import Segment
from pennon.relay.replicas import Replicas
from tests.builders.flags import (
    a_clause,
    a_context,
    a_flag,
    a_rule,
    a_ruleset,
    a_segment,
    a_target,
    in_segment,
    members,
    splitting,
)
from tests.builders.relay import SHOP, a_change, a_snapshot

Items = Sequence[Flag | Segment]


def small() -> Items:
    return [a_flag(f"flag-{n:05}", salt=f"salt-{n}") for n in range(1_000)]


def ruled() -> Items:
    """Return flags with two rules each, one of them with a split."""
    split = splitting(("on", 30_000), ("off", 70_000))
    return [
        a_flag(
            f"flag-{n:05}",
            salt=f"salt-{n}",
            rules=(
                a_rule(a_clause("country", "in", *(f"c{(n * 7 + c) % 97}" for c in range(10)))),
                a_rule(
                    a_clause("plan", "in", "pro"), a_clause("age", "gt", n), id="r2", serve=split
                ),
            ),
        )
        for n in range(400)
    ]


def distinct() -> Items:
    """Return flags of many clauses, none like another."""
    return [
        a_flag(
            f"flag-{n:05}",
            salt=f"salt-{n}",
            rules=tuple(
                a_rule(*(a_clause(f"a{n}-{r}-{c}", "in", f"v{c}") for c in range(3)), id=f"r{r}")
                for r in range(5)
            ),
        )
        for n in range(150)
    ]


def targets() -> Items:
    return [
        a_flag(
            f"flag-{n}", targets=(a_target("on", *(f"user-{n:03}-{k:06}" for k in range(1_000))),)
        )
        for n in range(20)
    ]


def segments() -> Items:
    flags = [a_flag(f"flag-{n}", rules=(a_rule(in_segment(f"seg-{n}")),)) for n in range(5)]
    lists = [
        a_segment(f"seg-{n}", include=(members(*(f"user-{n:03}-{k:06}" for k in range(4_000))),))
        for n in range(5)
    ]
    return [*flags, *lists]


def objects() -> Items:
    """Return flags that serve objects."""
    return [
        a_flag(
            f"flag-{n}",
            type="json",
            variations=(
                Variation(
                    name="on",
                    value={"items": [{"id": i, "name": f"item {n} {i}"} for i in range(50)]},
                ),
                Variation(name="off", value={}),
            ),
        )
        for n in range(100)
    ]


def numbers() -> Items:
    """Return flags that serve lists of numbers."""
    return [
        a_flag(
            f"flag-{n}",
            type="json",
            variations=(
                Variation(name="on", value=[n + i * 1.5 for i in range(500)]),
                Variation(name="off", value=[]),
            ),
        )
        for n in range(50)
    ]


def texts() -> Items:
    """Return flags that serve long texts."""
    return [
        a_flag(
            f"flag-{n}",
            type="string",
            variations=(
                Variation(name="on", value=f"{n} " + "lorem ipsum " * 1_000),
                Variation(name="off", value=""),
            ),
        )
        for n in range(100)
    ]


def encoded(items: Items) -> dict[ItemId, bytes]:
    return {
        ("flag" if isinstance(item, Flag) else "segment", item.key): encode_item(item)
        for item in items
    }


@pytest.mark.parametrize(
    "make", [small, ruled, distinct, targets, segments, objects, numbers, texts]
)
def test_what_tracemalloc_says(make: Callable[[], Items]) -> None:
    """The estimate is within a factor of 1.5 of all that loading and asking has allocated."""
    held = encoded(make())
    evaluate_all(a_ruleset(*ruled()[:2]), a_context())  # what is allocated once a process
    replicas = Replicas(compiled)
    rulesets = Rulesets(replicas)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        copy = {(kind, str(key)): bytes(bytearray(data)) for (kind, key), data in held.items()}
        replicas.open(SHOP).replace(a_snapshot(1, copy))
        del copy
        ruleset = rulesets.get(SHOP)
        assert ruleset is not None
        evaluate_all(ruleset, a_context(country="c1", plan="pro", age=33))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    estimate = replicas.open(SHOP).memory

    assert 1 / 1.5 <= estimate / (after - before) <= 1.5


class TestKept:
    def test_with_each_change(self) -> None:
        """After changes and deletions the sum is that of a snapshot of the same items."""
        changed, whole = Replicas(compiled).open(SHOP), Replicas(compiled).open(SHOP)
        flags = encoded(ruled()[:20])
        changed.replace(a_snapshot(1, dict(list(flags.items())[:10])))
        version = 1
        for (_, key), data in list(flags.items())[5:]:
            version += 1
            changed.apply(a_change(version, key, data))
        for _, key in list(flags)[:3]:
            version += 1
            changed.apply(a_change(version, key, None))
        whole.replace(a_snapshot(version, dict(list(flags.items())[3:])))

        assert changed.memory - changed.run.size == whole.memory
        assert changed.run.size > 0
