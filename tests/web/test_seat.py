"""One follower's seat, with its sink in our hands: what is written when it takes little."""

from __future__ import annotations

from pennon.model.messages import Change, Heartbeat, Snapshot
from pennon.relay.run import Run
from pennon.relay.tail import PIECE_BYTES
from pennon.web.handler import Feed
from pennon.web.seat import Seat
from tests.builders.relay import SHOP, a_change, a_position, a_snapshot
from tests.builders.web import ANode, SlowSink


async def seated(node: ANode, version: int) -> tuple[Feed, SlowSink]:
    """Return a seat for the shop from *version* on, and its sink, which took the greeting."""
    feed = node.feed(f"{SHOP}@{a_position(version)}")
    sink = SlowSink()
    feed.open(sink)
    sink.said()
    return feed, sink


class TestNoQueue:
    async def test_nothing_is_kept(self) -> None:
        """Whoever takes nothing is written nothing, however much happens."""
        node = ANode(a_snapshot(0))
        _, sink = await seated(node, 0)
        for version in range(1, 1000):
            node.replicas.open(SHOP).apply(a_change(version))
            await node.settle()

        assert sink.pieces == []

    async def test_goes_on_from_its_cursor(self) -> None:
        """When it takes something again, it is told what came after its own position."""
        node = ANode(a_snapshot(0))
        feed, sink = await seated(node, 0)
        for version in range(1, 100):
            node.replicas.open(SHOP).apply(a_change(version))
        feed.resume()

        assert sink.said() == [a_change(version) for version in range(1, 100)]

    async def test_a_piece_at_a_time(self) -> None:
        """What it is told then comes in pieces too: nothing of its own grows."""
        node = ANode(a_snapshot(0))
        feed, sink = await seated(node, 0)
        for version in range(1, 3000):
            node.replicas.open(SHOP).apply(a_change(version))
        sizes, said = [], []
        while True:
            feed.resume()
            if not sink.pieces:
                break
            sizes += [len(piece) for piece in sink.pieces]
            said += sink.said()

        assert max(sizes) <= PIECE_BYTES
        assert said == [a_change(version) for version in range(1, 3000)]

    async def test_moved_to_everything(self) -> None:
        """One that the run of frames no longer reaches is given the environment as it is now."""
        node = ANode()
        node.replicas.open(SHOP).run = Run(max_frames=5)
        node.replicas.open(SHOP).replace(a_snapshot(0))
        feed, sink = await seated(node, 0)
        for version in range(1, 100):
            node.replicas.open(SHOP).apply(a_change(version))
        feed.resume()
        (whole,) = sink.said()

        assert isinstance(whole, Snapshot)
        assert whole.position == a_position(99)

    async def test_one_object_for_all(self) -> None:
        """What all are told is one object, and of something large views of one."""
        large = b'"%s"' % (b"x" * 2 * PIECE_BYTES)
        node = ANode(a_snapshot(0))
        seats = [await seated(node, 0) for _ in range(3)]
        for feed, _ in seats:
            feed.resume()
        node.replicas.open(SHOP).apply(a_change(1))
        await node.settle()
        small = [sink.pieces.pop() for _, sink in seats]
        node.replicas.open(SHOP).apply(a_change(2, item=large))
        for feed, _ in seats:
            feed.resume()
        views = [sink.pieces.pop() for _, sink in seats]

        assert small[0] is small[1] is small[2]
        assert {id(view.obj) for view in views if isinstance(view, memoryview)} == {
            id(node.replicas.open(SHOP).run.after(a_position(1)))
        }


class TestHeartbeats:
    async def test_after_what_leads_to_it(self) -> None:
        """A heartbeat never says a position that the follower was not told how to reach."""
        node = ANode(a_snapshot(0))
        feed, sink = await seated(node, 0)
        seat = feed
        assert isinstance(seat, Seat)
        seat.resume()
        node.replicas.open(SHOP).apply(a_change(1))
        seat.heartbeat()
        first = sink.said()
        seat.resume()
        seat.heartbeat()
        (second,) = sink.said()

        assert first == [a_change(1)]
        assert isinstance(second, Heartbeat)
        assert second.position == a_position(1)

    async def test_not_in_the_midst(self) -> None:
        """Neither a heartbeat nor a comment is said into something large."""
        node = ANode(a_snapshot(0))
        feed, sink = await seated(node, 0)
        seat = feed
        assert isinstance(seat, Seat)
        large = a_change(1, item=b'"%s"' % (b"x" * 2 * PIECE_BYTES))
        node.replicas.open(SHOP).apply(large)
        seat.resume()
        before = len(sink.pieces)
        seat.heartbeat()
        seat.comment()

        assert len(sink.pieces) == before


class TestLeaving:
    async def test_drain_in_the_midst(self) -> None:
        """A follower in the midst of something large hears it to its end before the goodbye."""
        node = ANode(a_snapshot(0))
        feed, sink = await seated(node, 0)
        large = b'"%s"' % (b"x" * 2 * PIECE_BYTES)
        node.replicas.open(SHOP).apply(a_change(1, item=large))
        feed.resume()
        node.fanout.drain()
        await node.settle()
        while not sink.ended:
            feed.resume()
        said = sink.said()

        assert [type(message).__name__ for message in said] == ["Change", "Goodbye"]
        assert isinstance(said[0], Change)

    async def test_looked_at_afterwards(self) -> None:
        """A seat that was given back while a round was on its way writes nothing more."""
        node = ANode(a_snapshot(0))
        feed, sink = await seated(node, 0)
        feed.resume()
        node.replicas.open(SHOP).apply(a_change(1))
        feed.close()
        await node.settle()

        assert sink.pieces == []
        assert node.fanout.taken == 0
