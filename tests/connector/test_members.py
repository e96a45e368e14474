"""Members in a tree without a network: an origin's store, a connector, an edge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from prometheus_client import CollectorRegistry

from pennon.edge.answering_metrics import AnsweringMetrics
from pennon.errors import SourceLost
from pennon.model.codec import encode_item
from pennon.model.members import Membership
from pennon.model.messages import ItemId
from pennon.relay.node_members import NodeMembers
from pennon.relay.parent_members import ParentMembers
from pennon.web.asgi import DataPlaneApp
from pennon.web.data_plane import DataPlane
from pennon.web.member_metrics import MemberMetrics
from pennon.web.members import MembersEndpoints
from tests.builders.edge import AnEdge
from tests.builders.member_store import BETA, MemberStore, an_external, for_members
from tests.builders.relay import SHOP, a_snapshot
from tests.builders.web import RELAY, ANode

ADA, BOB, CLEO = ({"targetingKey": key} for key in ("ada", "bob", "cleo"))
DEADLINE_MS = 30_000
SHOP_ITEMS: dict[ItemId, bytes] = {("segment", BETA): encode_item(an_external())}


class AConnector(ANode):
    """A node that remembers members, asks *store* for the others, and is asked itself."""

    def __init__(self, store: MemberStore) -> None:
        super().__init__(a_snapshot(1, SHOP_ITEMS))
        self.members = NodeMembers(self.replicas, store.lookup, clock=self.clock)
        endpoints = MembersEndpoints(self.keys, self.replicas, self.members.below.lookup)
        self.parts = (*self.parts, endpoints)


@asynccontextmanager
async def a_tree(store: MemberStore) -> AsyncIterator[tuple[AConnector, AnEdge]]:
    """Give a connector below *store*, and an edge below that, for the length of a block."""
    connector = AConnector(store)
    plane = DataPlaneApp(DataPlane(*connector.parts).answer)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=plane)) as client:
        parent = ParentMembers(client, lambda: "http://connector.test", RELAY)
        edge = AnEdge(
            for_members(), an_external(), lookup=parent.lookup, members_deadline_ms=DEADLINE_MS
        )
        yield connector, edge


async def is_on(edge: AnEdge, context: Any) -> bool:
    """Evaluate the flag for members."""
    value: bool = (await edge.one("new", context)).json()["value"]
    return value


class TestTree:
    async def test_through_a_connector(self) -> None:
        """What the edge does not know it asks the connector, which asks the origin once."""
        store = MemberStore(0)
        store.change(["ada"])
        async with a_tree(store) as (_, first), a_tree(store) as (connector, second):
            assert await is_on(second, ADA)
            assert not await is_on(second, BOB)
            assert await is_on(first, ADA)

        assert connector.members.cache.of(SHOP).find(BETA, "ada") is Membership.IN
        assert store.asked == [("ada",), ("bob",), ("ada",)]

    async def test_the_origin_dies(self) -> None:
        """Whom the edge or the connector knows stays; others are marked, and no member."""
        store = MemberStore(0)
        store.change(["ada", "bob"])
        async with a_tree(store) as (connector, edge):
            await is_on(edge, ADA)
            await connector.members.below.lookup(SHOP, BETA, ["bob"])
            store.fails = SourceLost("gone")
            known = [await is_on(edge, context) for context in (ADA, BOB)]
            stranger = (await edge.one("new", CLEO)).json()

        assert known == [True, True]
        assert stranger["metadata"]["pennon.membershipUnknown"] is True

    async def test_a_change(self) -> None:
        """A change that both have taken is in the next answer, asked by nobody."""
        store = MemberStore(0)
        store.change(["ada"])
        async with a_tree(store) as (connector, edge):
            await is_on(edge, ADA)
            change = store.change([], [], ["ada"])
            connector.replicas.take(change)
            edge.take(change)
            assert not await is_on(edge, ADA)

        assert len(store.asked) == 1

    async def test_a_connector_behind(self) -> None:
        """An answer of a connector that lacks the edge's last change is not taken for one."""
        store = MemberStore(0)
        store.change([], [])
        async with a_tree(store) as (connector, edge):
            await connector.members.below.lookup(SHOP, BETA, ["ada"])
            change = store.change(["ada"])
            edge.take(change)
            behind = (await edge.one("new", ADA)).json()
            connector.replicas.take(change)

            assert behind["metadata"]["pennon.membershipUnknown"] is True
            assert await is_on(edge, ADA)

    async def test_metrics(self) -> None:
        """A node tells what it knows, what it asked, and how often an answer was late."""
        store = MemberStore(0)
        store.change(["ada"])
        async with a_tree(store) as (_, edge):
            await is_on(edge, ADA)
            await is_on(edge, ADA)
            store.fails = SourceLost("gone")
            await is_on(edge, BOB)
        registry = CollectorRegistry()
        registry.register(MemberMetrics(edge.members))
        registry.register(AnsweringMetrics(edge.evaluating.answering))

        def told(name: str, **labels: str) -> float | None:
            return registry.get_sample_value(f"pennon_members_{name}", labels)

        assert told("entries") == 1
        assert told("bytes") == edge.members.cache.entries.bytes
        assert told("asked_total", known="yes") == 1
        assert told("lookups_total", outcome="answered") == 1
        assert told("lookups_total", outcome="refused") == 1
        assert told("lookup_keys_total") == 2
        assert told("lookup_seconds_count") == 1
        assert (told("evicted_total"), told("turned_away_total")) == (0, 0)
        assert (told("waits_total"), told("unknown_total")) == (2, 1)
