"""What a node tells of its streams."""

from __future__ import annotations

from pennon.model.messages import ItemId
from pennon.relay.tail import PIECE_BYTES
from tests.builders.relay import SHOP, a_snapshot
from tests.builders.web import ANode, SlowSink

LARGE: dict[ItemId, bytes] = {("flag", "a"): b'"%s"' % (b"x" * 3 * PIECE_BYTES)}


async def told(node: ANode, name: str) -> float:
    """Return what the metric *name* says."""
    lines = (await node.get("/metrics")).body.decode().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name} "))
    return float(line.split(" ")[1])


class TestStreamMetrics:
    async def test_catching_up(self) -> None:
        """A follower catches up from the first piece of something large to its last."""
        node = ANode()
        node.replicas.open(SHOP).replace(a_snapshot(1, LARGE))
        feed, sink = node.feed(SHOP), SlowSink()
        feed.open(sink)
        before = await told(node, "pennon_followers_catching_up")
        for _ in range(10):
            feed.resume()

        assert before == 1.0
        assert await told(node, "pennon_followers_catching_up") == 0.0

    async def test_leaves(self) -> None:
        """One that leaves meanwhile catches up no more."""
        node = ANode()
        node.replicas.open(SHOP).replace(a_snapshot(1, LARGE))
        feed = node.feed(SHOP)
        feed.open(SlowSink())
        feed.close()

        assert await told(node, "pennon_followers_catching_up") == 0.0

    async def test_refused(self) -> None:
        """Those who are told to come back later are counted."""
        node = ANode(a_snapshot(4), most_seats=1)
        async with node.stream(SHOP), node.stream(SHOP), node.stream(SHOP):
            pass

        assert await told(node, "pennon_followers_refused_total") == 2.0
