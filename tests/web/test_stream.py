"""The stream, end to end through ASGI: what a follower is told, when, and how it ends."""

from __future__ import annotations

import asyncio

import pytest

from pennon.model.messages import Change, Goodbye, Heartbeat, ItemId, Message, Snapshot
from pennon.model.position import ACCESS, Position
from pennon.relay.run import Run, frame_of
from pennon.relay.sse import COMMENT
from tests.builders.relay import (
    SHOP,
    a_change,
    a_key_change,
    a_position,
    a_secret,
    a_snapshot,
    an_access_key,
    some_flags,
)
from tests.builders.web import CLIENT, RELAY, SERVER, SHOP_RELAY, ANode, ask

STAGING = "shop/staging"


def advance(node: ANode, *versions: int, environment: str = SHOP) -> None:
    """Let the node take changes."""
    for version in versions:
        node.replicas.open(environment).apply(a_change(version, environment=environment))


def at(version: int, environment: str = SHOP, epoch: int = 1) -> str:
    """Return how a follower names an environment that it holds at *version*."""
    return f"{environment}@{a_position(version, epoch)}"


def position_of(message: Message) -> Position:
    assert isinstance(message, (Change, Snapshot, Heartbeat))
    return message.position


class TestCatchingUp:
    async def test_headers(self) -> None:
        """The answer is an event stream that nobody keeps or gathers."""
        async with ANode(a_snapshot(4)).stream(at(4)) as stream:
            assert stream.status == 200
            assert stream.headers == {
                "content-type": "text/event-stream",
                "cache-control": "no-cache",
                "x-accel-buffering": "no",
            }

    async def test_first_bytes(self) -> None:
        """Something comes at once, so that a proxy passes the headers on."""
        async with ANode(a_snapshot(4)).stream(at(4)) as stream:
            assert (await stream.chunk()).startswith(COMMENT)

    async def test_up_to_date(self) -> None:
        """One that has everything gets a heartbeat at once."""
        async with ANode(a_snapshot(4)).stream(at(4)) as stream:
            heartbeat = await stream.message()

        assert isinstance(heartbeat, Heartbeat)
        assert heartbeat.position == a_position(4)

    async def test_behind(self) -> None:
        """One that lacks a little gets that, then what happens."""
        node = ANode(a_snapshot(4))
        advance(node, 5, 6)
        async with node.stream(at(4)) as stream:
            caught_up = [await stream.message(), await stream.message()]
            advance(node, 7)

            assert [*caught_up, await stream.message()] == [a_change(5), a_change(6), a_change(7)]

    @pytest.mark.parametrize("since", [at(2), SHOP, at(9000, epoch=0)])
    async def test_far_behind(self, since: str) -> None:
        """One that the run does not reach, or of an older epoch, gets the whole environment."""
        async with ANode(a_snapshot(4, some_flags(3))).stream(since) as stream:
            whole = await stream.message()

        assert isinstance(whole, Snapshot)
        assert (whole.position, whole.items) == (a_position(4), some_flags(3))

    async def test_ahead(self) -> None:
        """One that is ahead gets heartbeats alone, until this node has caught up."""
        node = ANode(a_snapshot(4))
        async with node.stream(at(6)) as stream:
            greeting = await stream.message()
            advance(node, 5, 6, 7)

            assert isinstance(greeting, Heartbeat)
            assert await stream.message() == a_change(7)

    async def test_last_event_id(self) -> None:
        """A client of EventSource says its position as the last event's id."""
        node = ANode(a_snapshot(4))
        advance(node, 5)
        async with node.stream(SHOP, last_event_id=str(a_position(4))) as stream:
            assert await stream.message() == a_change(5)

    async def test_several(self) -> None:
        """Each environment is caught up by itself on one stream."""
        node = ANode(
            a_snapshot(4), a_snapshot(9, environment=STAGING), environments=(SHOP, STAGING)
        )
        advance(node, 5)
        async with node.stream(at(4), STAGING, at(1, ACCESS)) as stream:
            said = [await stream.message() for _ in range(3)]

        assert {type(message) for message in said} == {Heartbeat, Change, Snapshot}

    async def test_large(self) -> None:
        """A large environment comes in pieces, and is the same in the end."""
        items: dict[ItemId, bytes] = {
            ("flag", f"flag-{n}"): b'"%s"' % (b"x" * 1000) for n in range(200)
        }
        node = ANode()
        node.replicas.open(SHOP).replace(a_snapshot(1, items))
        async with node.stream(SHOP) as stream:
            whole = await stream.message()

        assert isinstance(whole, Snapshot)
        assert whole.items == items


class TestOfMany:
    async def test_body(self) -> None:
        """What an address cannot hold is asked in a body, and answered alike."""
        node = ANode(
            a_snapshot(4), a_snapshot(9, environment=STAGING), environments=(SHOP, STAGING)
        )
        advance(node, 5)
        asked = {SHOP: str(a_position(4)), STAGING: None, ACCESS: str(a_position(1))}
        async with node.stream_of_many({"environments": asked}) as stream:
            said = [await stream.message() for _ in range(3)]

        assert {type(message) for message in said} == {Heartbeat, Change, Snapshot}

    async def test_hundreds(self) -> None:
        """It may name many more than an address."""
        names = [f"shop/e{number}" for number in range(2000)]
        held = [a_snapshot(1, environment=name) for name in names]
        node = ANode(*held, environments=names)
        asked = dict.fromkeys(names, str(a_position(1)))
        async with node.stream_of_many({"environments": asked}) as stream:
            said = {position_of(await stream.message()) for _ in names}

        assert said == {a_position(1)}

    @pytest.mark.parametrize(
        ("body", "key", "status"),
        [
            ({"environments": {}}, RELAY, 400),
            ({"environments": {"shop": None}}, RELAY, 400),
            ({"environments": {SHOP: "1042"}}, RELAY, 400),
            ({"environments": {f"shop/e{n}": None for n in range(5001)}}, RELAY, 400),
            ({}, RELAY, 400),
            ([], RELAY, 400),
            ({"environments": {SHOP: None}}, None, 401),
            ({"environments": {SHOP: None}}, CLIENT, 403),
            ({"environments": {SHOP: None, STAGING: None}}, SHOP_RELAY, 403),
            ({"environments": {"shop/nowhere": None}}, RELAY, 404),
        ],
    )
    async def test_refused(self, body: object, key: str | None, status: int) -> None:
        """It is refused as an address would be."""
        node = ANode(a_snapshot(4), environments=(SHOP, STAGING))
        async with node.stream_of_many(body, key=key) as stream:
            assert stream.status == status


class TestOnItsWay:
    async def test_waits(self) -> None:
        """An environment that the node is about to have is waited for, not refused."""
        node = ANode()
        asking = asyncio.create_task(_first(node))
        await asyncio.sleep(0)
        node.replicas.open(SHOP).replace(a_snapshot(7))
        node.hear(SHOP)

        assert (await asking).position == a_position(7)


async def _first(node: ANode) -> Snapshot:
    async with node.stream(SHOP) as stream:
        message = await stream.message()
    assert isinstance(message, Snapshot)
    return message


class TestHistory:
    class Log:
        """A history that reaches back to the beginning, and counts how often it was asked."""

        def __init__(self, *, gone: bool = False) -> None:
            self.asked: list[tuple[Position, Position]] = []
            self._gone = gone

        async def between(self, environment: str, start: Position, end: Position) -> bytes | None:
            self.asked.append((start, end))
            if self._gone:
                return None
            return b"".join(
                frame_of(a_change(version)) for version in range(start.version + 1, end.version + 1)
            )

    async def test_reaches_further(self) -> None:
        """What the run no longer has comes from the log, and the rest follows."""
        log = self.Log()
        node = ANode(a_snapshot(4), history=log)
        async with node.stream(at(1)) as stream:
            said = [await stream.message() for _ in range(3)]
            heartbeat = await stream.message()
            advance(node, 5)

            assert said == [a_change(2), a_change(3), a_change(4)]
            assert position_of(heartbeat) == a_position(4)
            assert await stream.message() == a_change(5)
        assert log.asked == [(a_position(1), a_position(4))]

    async def test_moves_meanwhile(self) -> None:
        """A change that comes while the log is read is neither lost nor said twice."""
        node: ANode

        class Slow(self.Log):  # type: ignore[name-defined,misc]  # a class of the outer class
            async def between(
                self, environment: str, start: Position, end: Position
            ) -> bytes | None:
                advance(node, 5)
                frames: bytes | None = await super().between(environment, start, end)
                return frames

        node = ANode(a_snapshot(4), history=Slow())
        async with node.stream(at(2)) as stream:
            said = [await stream.message() for _ in range(3)]

        assert said == [a_change(3), a_change(4), a_change(5)]

    async def test_gone(self) -> None:
        """Where the log no longer reaches either, the whole environment is sent."""
        async with ANode(a_snapshot(4), history=self.Log(gone=True)).stream(at(1)) as stream:
            assert isinstance(await stream.message(), Snapshot)

    @pytest.mark.parametrize("since", [SHOP, at(4), at(5), at(6), at(1, epoch=0), at(9, epoch=2)])
    async def test_not_asked(self, since: str) -> None:
        """The log is not asked for what the run covers, or what no log can have."""
        log = self.Log()
        node = ANode(a_snapshot(4), history=log)
        advance(node, 5)
        async with node.stream(since):
            pass

        assert log.asked == []


class TestQuiet:
    async def test_comments(self) -> None:
        """A stream on which nothing happens says that it lives."""
        node = ANode(a_snapshot(4), comment_seconds=0.01)
        async with node.stream(at(4)) as stream:
            await stream.chunk()

            assert [await stream.chunk() for _ in range(3)] == [COMMENT] * 3

    async def test_woken_for_nothing(self) -> None:
        """A stream that is woken again and again with nothing to say still says that it lives."""
        node = ANode(a_snapshot(4), comment_seconds=0.01)
        async with node.stream(at(4)) as stream:
            await stream.chunk()
            comment = asyncio.create_task(stream.chunk())
            version = 1
            while not comment.done():
                version += 1
                advance(node, version, environment=ACCESS)
                await asyncio.sleep(0)

            assert await comment == COMMENT

    async def test_heartbeats(self) -> None:
        """Heartbeats come in their own time, also where that is shorter than the comments'."""
        node = ANode(a_snapshot(4), heartbeat_seconds=0.01)
        async with node.stream(at(4)) as stream:
            said = [await stream.message() for _ in range(3)]

        assert {type(message) for message in said} == {Heartbeat}

    async def test_out_of_touch(self) -> None:
        """A node that is stale keeps its streams open, and sends no heartbeat."""
        node = ANode(a_snapshot(4), heartbeat_seconds=0.01, comment_seconds=0.02)
        node.clock.now += 76
        async with node.stream(at(4)) as stream:
            assert [await stream.chunk() for _ in range(3)] == [COMMENT] * 3


class TestEnds:
    async def test_revoked(self) -> None:
        """A revocation ends the key's streams at once, and no other's."""
        node = ANode(a_snapshot(4))
        async with node.stream(at(4), key=SHOP_RELAY) as ended, node.stream(at(4)) as goes_on:
            await ended.message()
            await goes_on.message()
            revoked = an_access_key(SHOP_RELAY, SHOP, revoked=True)
            node.replicas.open(ACCESS).apply(a_key_change(2, revoked))
            advance(node, 5)

            assert await ended.end() == []
            assert await goes_on.message() == a_change(5)

    async def test_revoked_on_the_way(self) -> None:
        """A key that was revoked between its check and its seat ends as soon."""
        node = ANode(a_snapshot(4))
        async with node.stream(at(4), key=SHOP_RELAY) as stream:
            revoked = an_access_key(SHOP_RELAY, SHOP, revoked=True)
            node.replicas.open(ACCESS).apply(a_key_change(2, revoked))

            await stream.end()

    async def test_narrowed(self) -> None:
        """So does any other change of what the key opens."""
        node = ANode(a_snapshot(4))
        async with node.stream(at(4), key=SHOP_RELAY) as stream:
            other = an_access_key(SHOP_RELAY, STAGING)
            node.replicas.open(ACCESS).apply(a_key_change(2, other))

            await stream.end()

    async def test_forgotten(self) -> None:
        """A stream of what the node follows no longer ends, so that the follower asks again."""
        node = ANode(a_snapshot(4), comment_seconds=0.01)
        async with node.stream(at(4)) as stream:
            node.replicas.keep(frozenset({ACCESS}))

            await stream.end()

    async def test_forgotten_with_the_reason(self) -> None:
        """The change of `$access` that ends an environment is told before its stream ends."""
        node = ANode(a_snapshot(4))
        async with node.stream(at(4), at(1, ACCESS)) as stream:
            await stream.message()
            await stream.message()
            gone = a_change(2, SHOP, None, kind="environment", environment=ACCESS)
            node.replicas.open(ACCESS).apply(gone)
            node.replicas.keep(frozenset({ACCESS}))
            told = await stream.end()

        assert [message for message in told if isinstance(message, Change)] == [gone]

    async def test_drain(self) -> None:
        """A node that drains says goodbye to each, and when to come back."""
        node = ANode(a_snapshot(4))
        async with node.stream(at(4)) as stream:
            await stream.message()
            node.fanout.drain()
            (goodbye,) = await stream.end()

        assert isinstance(goodbye, Goodbye)
        assert 0 <= goodbye.retry_after_ms < 2000

    async def test_client_leaves(self) -> None:
        """A client that leaves gives its seat back."""
        node = ANode(a_snapshot(4))
        async with node.stream(at(4)) as stream:
            await stream.chunk()
            assert node.fanout.taken == 1

        assert node.fanout.taken == 0

    async def test_client_leaves_without_reading(self) -> None:
        """So does one that has stopped reading before."""
        node = ANode(a_snapshot(4))
        async with node.stream(at(4)) as stream:
            stream.exchange.reads.clear()
            advance(node, 5)
            stream.exchange.leave()
            await stream.exchange.over()

            assert node.fanout.taken == 0

    async def test_slow_reader(self) -> None:
        """A reader that falls behind the run gets the whole environment when it reads again."""
        node = ANode()
        node.replicas.open(SHOP).run = Run(max_frames=2)
        node.replicas.open(SHOP).replace(a_snapshot(4))
        async with node.stream(at(4)) as stream:
            await stream.chunk()
            stream.exchange.reads.clear()
            advance(node, 5)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            advance(node, *range(6, 20))
            stream.exchange.reads.set()
            said = await stream.message()
            if isinstance(said, Change):
                said = await stream.message()

        assert isinstance(said, Snapshot)
        assert said.position == a_position(19)


class TestRefusals:
    @pytest.mark.parametrize(
        ("environments", "key", "status"),
        [
            ((SHOP,), None, 401),
            ((SHOP,), a_secret(99), 401),
            ((SHOP,), CLIENT, 403),
            ((ACCESS,), SERVER, 403),
            ((STAGING,), SHOP_RELAY, 403),
            ((SHOP, STAGING), SHOP_RELAY, 403),
            (("shop/nowhere",), RELAY, 404),
            ((), RELAY, 400),
            (("shop",), RELAY, 400),
            (("shop/../x",), RELAY, 400),
            ((f"{SHOP}@",), RELAY, 400),
            ((f"{SHOP}@1042",), RELAY, 400),
            ((f"{SHOP}@{a_position(1)}@",), RELAY, 400),
            ((STAGING,), RELAY, 503),
        ],
    )
    async def test_refused(
        self, environments: tuple[str, ...], key: str | None, status: int
    ) -> None:
        """What cannot be streamed is refused before anything is sent, with the right status."""
        node = ANode(a_snapshot(4), environments=(SHOP, STAGING))
        async with node.stream(*environments, key=key) as stream:
            assert stream.status == status
            assert stream.headers["content-type"] == "application/problem+json"

        assert node.fanout.taken == 0

    async def test_too_many_environments(self) -> None:
        """One stream may name a bounded number of environments."""
        names = [f"shop/e{number}" for number in range(501)]
        async with ANode().stream(*names) as stream:
            assert stream.status == 400

    async def test_malformed_last_event_id(self) -> None:
        """A last event id that is no position is refused too."""
        async with ANode(a_snapshot(4)).stream(SHOP, last_event_id="7") as stream:
            assert stream.status == 400

    async def test_nothing_loaded(self) -> None:
        """A node that knows no keys yet calls nobody's wrong."""
        async with ANode(loaded=False).stream(SHOP) as stream:
            assert stream.status == 503
            assert stream.headers["retry-after"] == "1"

    async def test_seats(self) -> None:
        """A node takes no more followers than it has seats for."""
        node = ANode(a_snapshot(4), most_seats=1)
        async with node.stream(at(4)) as first, node.stream(at(4)) as second:
            assert first.status == 200
            assert second.status == 503
            assert 5 <= int(second.headers["retry-after"]) <= 10
        async with node.stream(at(4)) as third:
            assert third.status == 200

    async def test_draining(self) -> None:
        """A node that drains takes nobody."""
        node = ANode(a_snapshot(4))
        node.fanout.drain()
        async with node.stream(at(4)) as stream:
            assert stream.status == 503

    async def test_head(self) -> None:
        """HEAD gets the headers, and holds no seat."""
        node = ANode(a_snapshot(4))
        headers = {"authorization": f"Bearer {RELAY}"}
        answer = await ask(node.app, "HEAD", f"/sync/v1/stream?environment={SHOP}", headers=headers)

        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["content-type"] == "text/event-stream"
        assert node.fanout.taken == 0
