"""Many followers of one node over real sockets: what they are told, and when all come back."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable

from pennon.model.messages import Change, Message, Snapshot
from pennon.model.position import Position
from pennon.relay.run import Run, frame_of
from pennon.web.bare.limits import Limits
from pennon.web.data_plane import Routed
from pennon.web.settings import NodeSettings
from pennon.web.stream import Streams
from pennon.web.sync import SyncEndpoints
from tests.builders.followers import Hub, SocketFollower, a_hub
from tests.builders.relay import SHOP, a_change, a_position, a_snapshot
from tests.builders.web import ANode

MANY = 300
LARGE = b'"%s"' % (b"x" * 50_000)


def advance(node: ANode, first: int, last: int, item: bytes = b'{"key":"checkout"}') -> None:
    """Let the node take the changes *first* to *last*."""
    for version in range(first, last + 1):
        node.replicas.open(SHOP).apply(a_change(version, item=item))


def versions(messages: Iterable[Message]) -> list[int]:
    return [message.position.version for message in messages if isinstance(message, Change)]


async def followers_of(hub: Hub, count: int, position: Position) -> list[SocketFollower]:
    """Return so many followers, each with its stream open."""
    return await asyncio.gather(*(hub.follow(position) for _ in range(count)))


class TestFanOut:
    async def test_everyone_in_order(self) -> None:
        """Every follower is told every change once, in order, however fast they come."""
        node = ANode(a_snapshot(0), most_seats=MANY)
        async with a_hub(*node.parts) as hub:
            followers = await followers_of(hub, MANY, a_position(0))
            for version in range(1, 201):
                advance(node, version, version)
                if version % 7 == 0:
                    await asyncio.sleep(0)
            told = await asyncio.gather(*(each.until(a_position(200)) for each in followers))

        assert all(versions(messages) == list(range(1, 201)) for messages in told)

    async def test_stalled_follower_harms_nobody(self) -> None:
        """While some take nothing the others are told everything, and the node keeps nothing."""
        node = ANode(most_seats=MANY)
        node.replicas.open(SHOP).run = Run(max_frames=10)
        node.replicas.open(SHOP).replace(a_snapshot(0))
        node.hear(SHOP)
        async with a_hub(*node.parts, limits=Limits(buffer_bytes=64 * 1024)) as hub:
            stalled = [await hub.follow(a_position(0), receive_buffer=4096) for _ in range(5)]
            others = await followers_of(hub, 20, a_position(0))
            for version in range(1, 301):
                advance(node, version, version, LARGE)
                told = await asyncio.gather(*(each.until(a_position(version)) for each in others))
                assert all(versions(messages) == [version] for messages in told)
            late = await asyncio.gather(*(each.until(a_position(300)) for each in stalled))

        # They find what lay on its way to them when they stalled, and then everything at once.
        for messages in late:
            assert isinstance(messages[-1], Snapshot)
            assert versions(messages) == list(range(1, len(versions(messages)) + 1))
            assert len(messages) < 100

    async def test_stuck_follower_is_cut_off(self) -> None:
        """One that stays stuck is disconnected, and its seat is free."""
        node = ANode(a_snapshot(0), most_seats=MANY)
        limits = Limits(buffer_bytes=64 * 1024, stall_seconds=0.5)
        async with a_hub(*node.parts, limits=limits) as hub:
            stuck = await hub.follow(a_position(0), receive_buffer=4096)
            version = 0
            while node.fanout.taken:
                version += 1
                advance(node, version, version, LARGE)
                await asyncio.sleep(0.005)
            said = await stuck.end()

        assert len(said) < version


class Log:
    """A changelog that goes back to the beginning, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: Counter[Position] = Counter()

    async def between(self, environment: str, start: Position, end: Position) -> bytes | None:
        self.asked[start] += 1
        await asyncio.sleep(0)
        numbers = range(start.version + 1, end.version + 1)
        return b"".join(frame_of(a_change(version)) for version in numbers)


def parts_of(node: ANode, log: Log, most_busy: int) -> list[Routed]:
    """Return what serves the stream of *node* to few at a time, with *log* behind it."""
    streams = Streams(
        node.keys, node.fanout, node.follower.freshness, NodeSettings(), most_busy=most_busy
    )
    return [SyncEndpoints(node.replicas, streams, log)]


class TestReconnectStorm:
    """All followers are dropped at once and come back at once, without waiting to be asked."""

    async def test_only_503_and_everyone_is_back(self) -> None:
        """They see 200, or 503 with a time to come back, and all are back with everything."""
        seed = random.Random(5)
        node, log = ANode(a_snapshot(0), most_seats=MANY), Log()
        statuses: Counter[int] = Counter()

        async def come_back(hub: Hub, position: Position | None) -> list[Message]:
            while True:
                follower = await hub.follow(position)
                statuses[follower.status] += 1
                if follower.status == 200:
                    return await follower.until(a_position(50))
                assert 1 <= int(follower.headers["retry-after"]) <= 5
                follower.leave()
                await asyncio.sleep(seed.random() / 20)

        async with a_hub(*parts_of(node, log, most_busy=3)) as hub:
            for follower in await followers_of(hub, MANY, a_position(0)):
                follower.leave()
            node.replicas.open(SHOP).replace(
                a_snapshot(50, {("flag", f"f{n}"): LARGE for n in range(40)})
            )
            held = [
                None if n % 20 == 0 else a_position(seed.randrange(45, 50)) for n in range(MANY)
            ]
            back = await asyncio.gather(*(come_back(hub, position) for position in held))

        assert statuses.keys() == {200, 503}
        assert statuses[200] == MANY
        for position, messages in zip(held, back, strict=True):
            if position is not None:
                assert versions(messages) == list(range(position.version + 1, 51))
        assert max(log.asked.values()) <= 2
