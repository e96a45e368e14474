"""What a node tells of its tiers."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from pennon.kv.base import MemoryKv
from pennon.kv.datafiles import Datafiles
from pennon.model.position import ACCESS
from pennon.relay.follower import Follower
from pennon.web.tier_metrics import TierCollector
from tests.builders.relay import SHOP, ScriptedSource, a_change, a_snapshot, an_access

NOW = 61.0
"""Seconds; version 2 of a change was committed at 1002 ms."""


async def a_registry() -> CollectorRegistry:
    """Tell of a node that took the shop from L3, holds a change more, and keeps that on disk."""
    l3 = Datafiles(MemoryKv())
    for snapshot in (an_access(), a_snapshot(1)):
        await l3.save(snapshot)
    follower = Follower(
        ScriptedSource(),
        lambda access: access.environments,
        store=Datafiles(MemoryKv()),
        l3=l3,
    )
    assert follower.fallback is not None
    assert follower.keeper is not None
    await follower.fallback.look()
    follower.replicas.open(SHOP).apply(a_change(2))
    await follower.keeper.flush()
    registry = CollectorRegistry()
    registry.register(TierCollector(follower, lambda: NOW))
    return registry


class TestTiers:
    async def test_versions(self) -> None:
        """Each tier's version stands beside the others, so that one that lags is seen."""
        registry = await a_registry()
        versions = [
            registry.get_sample_value("pennon_tier_version", {"tier": tier, "environment": SHOP})
            for tier in ("l1", "l2", "l3")
        ]

        assert versions == [2, 2, 1]

    async def test_age(self) -> None:
        """The age is that of the last change; where none is known, no age is told."""
        registry = await a_registry()

        assert registry.get_sample_value(
            "pennon_tier_age_seconds", {"tier": "l1", "environment": SHOP}
        ) == round(NOW - 1.002, 3)
        assert not registry.get_sample_value(
            "pennon_tier_age_seconds", {"tier": "l3", "environment": SHOP}
        )

    async def test_source(self) -> None:
        """It says where each environment was taken from, and how L3 was asked."""
        registry = await a_registry()
        labels = {"environment": ACCESS, "source": "l3"}

        assert registry.get_sample_value("pennon_environment_source", labels) == 1
        assert registry.get_sample_value("pennon_l3_reads_total", {"outcome": "applied"}) == 2
        assert registry.get_sample_value("pennon_l3_refused_total") == 0
