"""Whether a node lives, and whether it can answer."""

from __future__ import annotations

from pennon.model.position import ACCESS
from tests.builders.relay import SHOP, a_snapshot
from tests.builders.web import ANode


class TestLive:
    async def test_always(self) -> None:
        """A node lives for as long as it answers, to anyone, whatever it holds."""
        answer = await ANode(loaded=False).get("/healthz/live", key=None)

        assert (answer.status, answer.json()) == (200, {"live": True})


class TestReady:
    async def test_loaded(self) -> None:
        """Ready once `$access` and all that it must serve is loaded."""
        answer = await ANode(a_snapshot(1)).get("/healthz/ready", key=None)

        assert (answer.status, answer.json()) == (
            200,
            {"ready": True, "staleMs": None, "sources": {}},
        )

    async def test_not_loaded(self) -> None:
        """Not ready before, and it says when to ask again."""
        for node in (ANode(loaded=False), ANode()):
            answer = await node.get("/healthz/ready", key=None)

            assert (answer.status, answer.json()["ready"]) == (503, False)
            assert answer.headers["retry-after"] == "1"

    async def test_stale(self) -> None:
        """A stale node is ready, and says for how long it was out of touch."""
        node = ANode(a_snapshot(1))
        node.clock.now = 100.0
        node.hear(ACCESS)
        answer = await node.get("/healthz/ready", key=None)

        assert (answer.status, answer.json()["ready"]) == (200, True)
        assert answer.json()["staleMs"] == 100_000

    async def test_sources(self) -> None:
        """It says how many environments came from which tier."""
        node = ANode(a_snapshot(1))
        node.replicas.open(ACCESS).fed_by = "l2"
        node.replicas.open(SHOP).fed_by = "l3"
        answer = await node.get("/healthz/ready", key=None)

        assert answer.json()["sources"] == {"l2": 1, "l3": 1}

    async def test_says_little(self) -> None:
        """No name of an environment is told to those without a key."""
        answer = await ANode(a_snapshot(1)).get("/healthz/ready", key=None)

        assert SHOP.encode() not in answer.body
