"""The registry of nodes over HTTP: who sees what, and what an administrator removes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from pennon.model.messages import Acks, Applied, NodeAnnouncement, PopAcks
from tests.builders.api import PRODUCTION, Api, a_new_flag, a_shop

SHOP, BLOG = "shop/production", "blog/production"


def a_node(node: str, pop: str, **fields: Any) -> NodeAnnouncement:
    return NodeAnnouncement(
        **{"role": "edge", "software": "pennon/1", "started_at": 1, **fields}, node=node, pop=pop
    )


NODES = (
    a_node("hub-1", "hub", role="connector", region="eu", environments=(BLOG, SHOP), followers=2),
    a_node("edge-1", "ams", region="eu", environments=(SHOP,), parent="hub:8622"),
    a_node("edge-2", "ams", region="eu", environments=(SHOP,)),
    a_node("edge-1", "iad", region="us", environments=(BLOG,), software="pennon/2"),
)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Api]:
    """An API with a flag, below which four nodes have announced themselves."""
    async with a_shop(tmp_path, a_new_flag()) as api:
        await api.origin.propagation.nodes(NODES)
        yield api


def names(page: dict[str, Any]) -> list[str]:
    return [f"{node['pop']}/{node['node']}" for node in page["items"]]


class TestListing:
    async def test_all(self, api: Api) -> None:
        """In order of PoP and name, with all that a node said and when."""
        page = await api.get("/nodes")
        edge = page["items"][0]

        assert names(page) == ["ams/edge-1", "ams/edge-2", "hub/hub-1", "iad/edge-1"]
        assert page["next"] is None
        assert (edge["software"], edge["parent"], edge["followers"]) == ("pennon/1", "hub:8622", 0)
        assert edge["environments"] == [SHOP]
        assert edge["lastSeen"] > 0

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"pop": "ams"}, ["ams/edge-1", "ams/edge-2"]),
            ({"region": "us"}, ["iad/edge-1"]),
            ({"role": "connector"}, ["hub/hub-1"]),
            ({"environment": BLOG}, ["hub/hub-1", "iad/edge-1"]),
            ({"q": "PENNON/2"}, ["iad/edge-1"]),
            ({"region": "eu", "role": "edge", "q": "2"}, ["ams/edge-2"]),
            ({"pop": "nowhere"}, []),
        ],
    )
    async def test_filtered(self, api: Api, query: dict[str, Any], found: list[str]) -> None:
        """Only nodes that meet all that is said."""
        assert names(await api.get("/nodes", **query)) == found

    async def test_pages(self, api: Api) -> None:
        """Page after page, nobody twice and nobody left out."""
        pages = await api.pages("/nodes", 3)

        assert [len(page) for page in pages] == [3, 1]

    async def test_a_wrong_cursor(self, api: Api) -> None:
        """A cursor of another list is told as such."""
        problem = await api.get("/nodes", cursor="cGxhaW4", status=400)

        assert problem["errors"][0]["path"] == "?cursor"


class TestRemoving:
    async def test_a_pop(self, api: Api) -> None:
        """It is gone from the list and from the receipts, and the audit log has it."""
        ack = Applied(epoch="1763000000001-00000001", version=0, applied_at=1)
        await api.origin.propagation.acks(
            Acks(node="edge-1", pops=(PopAcks(pop="ams", applied={SHOP: (ack,)}),))
        )
        flag = await api.get(f"{PRODUCTION}/flags/checkout")
        before = await api.get(f"{PRODUCTION}/versions/{flag['version']}/propagation")
        removed = await api.ask("DELETE", "/nodes/ams", status=200)
        after = await api.get(f"{PRODUCTION}/versions/{flag['version']}/propagation")
        (record,) = (await api.get("/audit", limit=1))["items"]

        assert (before["missing"], after["missing"]) == (["ams"], [])
        assert removed == {"pop": "ams", "nodes": ["edge-1", "edge-2"]}
        assert names(await api.get("/nodes")) == ["hub/hub-1", "iad/edge-1"]
        assert (record["action"], record["resource"]) == ("pop.removed", "pop/ams")

    async def test_a_node(self, api: Api) -> None:
        """One node may go, and the others of its PoP stay."""
        await api.ask("DELETE", "/nodes/ams/edge-2", status=200)

        assert names(await api.get("/nodes", pop="ams")) == ["ams/edge-1"]

    async def test_heard_again(self, api: Api) -> None:
        """A node that lives is back with its next announcement."""
        await api.ask("DELETE", "/nodes/ams", status=200)
        await api.origin.propagation.nodes(NODES[1:2])

        assert names(await api.get("/nodes", pop="ams")) == ["ams/edge-1"]

    @pytest.mark.parametrize("path", ["/nodes/nowhere", "/nodes/ams/edge-9", "/nodes/nowhere/x"])
    async def test_not_there(self, api: Api, path: str) -> None:
        """What is not there cannot be removed, and leaves no record."""
        before = await api.get("/audit", limit=1)
        await api.ask("DELETE", path, status=404)

        assert await api.get("/audit", limit=1) == before
