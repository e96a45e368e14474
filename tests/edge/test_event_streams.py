"""What a page is told at its event stream, and who may open one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from pennon.edge.event_streams import EVENTS_PATH, EventStreams
from pennon.edge.impacts import Impacts
from pennon.edge.ofrep import FLAGS_PATH, OfrepEndpoints
from pennon.edge.rulesets import Rulesets
from pennon.edge.stream_tokens import PERIOD_SECONDS, StreamTokens
from pennon.errors import NotReady, Unauthenticated
from pennon.model.access import AccessKey
from pennon.model.flag import ClientSide, Flag
from pennon.model.position import ACCESS
from pennon.model.segment import Segment
from pennon.relay.sse import Event, SseParser
from pennon.web.auth import Keys
from pennon.web.handler import Request, Response
from tests.builders.edge import ALL, CLIENT, EDGE_KEYS, SERVER, STAGING, AnEdge, address_in
from tests.builders.flags import a_flag, a_rule, a_segment, in_segment, serving
from tests.builders.origin import Clock
from tests.builders.relay import SHOP, a_position, an_access, an_access_key
from tests.builders.web import StreamReader, streaming

ADA = {"targetingKey": "ada"}
ON = a_flag(default=serving("on"))


@asynccontextmanager
async def listening(edge: AnEdge, address: str, **headers: str) -> AsyncIterator[Page]:
    """Hold the stream at *address* for the length of a block."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with streaming(edge.app, address, given) as reader:
        yield Page(reader)


class Page:
    """A page's end of its stream."""

    def __init__(self, reader: StreamReader) -> None:
        self.reader = reader
        self._parser = SseParser()
        self.ended = False

    async def event(self) -> Event:
        """Return the next event, reading over comments."""
        while True:
            events = self._parser.feed(await self.reader.chunk())
            assert not self.reader.ended, "the stream has ended"
            if events:
                return events[0]

    async def end(self) -> list[Event]:
        """Return what is said before the stream ends."""
        said = []
        while not self.reader.ended:
            said += self._parser.feed(await self.reader.chunk())
        return said


class TestOffer:
    async def test_offered(self) -> None:
        """A bulk answer names the stream at its own origin, and the position that it is of."""
        answer = await AnEdge(a_flag()).all(ADA, key=CLIENT)
        (stream,) = answer.json()["eventStreams"]

        assert stream["type"] == "sse"
        assert stream["inactivityDelaySec"] == 120
        assert stream["endpoint"].keys() == {"requestUri"}
        assert f"since={a_position(1)}&" in address_in(answer)

    async def test_names_no_key(self) -> None:
        """The address holds neither the key nor its hash."""
        address = address_in(await AnEdge(a_flag()).all(ADA, key=CLIENT))
        key = next(each for each in EDGE_KEYS if each.kind == "client")

        assert CLIENT not in address
        assert key.hash not in address

    async def test_the_same_for_a_version(self) -> None:
        """It is the same until something changes, so that a page keeps the stream that it has."""
        edge = AnEdge(a_flag())
        first = address_in(await edge.all(ADA))
        second = address_in(await edge.all({"targetingKey": "bob"}))
        edge.change(2, ON)

        assert first == second != address_in(await edge.all(ADA))

    def test_tag_covers_it(self) -> None:
        """A tag is as young as its token: who is answered 304 holds one that is still good."""
        edge, clock = AnEdge(a_flag()), Clock()
        clock.now = 1_000 * PERIOD_SECONDS * 1000
        keys = Keys(edge.follower.access, lambda: clock.now / 1000)
        impacts = Impacts(edge.replicas, Rulesets(edge.replicas))
        streams = EventStreams(edge.replicas, keys, comment_seconds=10.0, most=10, impacts=impacts)
        ofrep = OfrepEndpoints(edge.evaluating.scopes, edge.evaluating.answering, streams=streams)
        tags = []
        for seconds in (0, PERIOD_SECONDS - 1, 1):
            clock.now += seconds * 1000
            headers = {"authorization": f"Bearer {CLIENT}"}
            answer = ofrep.bulk(Request(method="POST", path=FLAGS_PATH, headers=headers))
            assert isinstance(answer, Response)
            tags.append(dict(answer.headers)["etag"])

        assert tags[0] == tags[1] != tags[2]

    async def test_not_offered(self) -> None:
        """A node that holds no streams names none, and has none."""
        edge = AnEdge(a_flag(), event_streams=0)

        assert "eventStreams" not in (await edge.all(ADA)).json()
        assert (await edge.get(EVENTS_PATH)).status == 404


class TestStream:
    async def test_headers(self) -> None:
        """It is an event stream that nothing between keeps or holds up, also to other origins."""
        edge = AnEdge(a_flag())
        address = address_in(await edge.all(ADA))
        async with listening(edge, address, origin="https://app.example.com") as page:
            headers = page.reader.headers

        assert headers["content-type"] == "text/event-stream"
        assert headers["cache-control"] == "no-cache"
        assert headers["access-control-allow-origin"] == "*"

    async def test_change(self) -> None:
        """A change is one event, of the position that it led to."""
        edge = AnEdge(a_flag())
        async with listening(edge, address_in(await edge.all(ADA))) as page:
            assert b"retry: " in await page.reader.chunk()
            edge.change(2, ON)
            event = await page.event()

        assert (event.name, event.id) == ("message", str(a_position(2)))
        assert json.loads(event.data) == {"type": "refetchEvaluation", "etag": str(a_position(2))}

    async def test_nothing_is_lost_before_it_opens(self) -> None:
        """A change between the answer and the stream is told of at once."""
        edge = AnEdge(a_flag())
        address = address_in(await edge.all(ADA))
        edge.change(2, ON)
        edge.delete(3, "f")
        async with listening(edge, address) as page:
            event = await page.event()

        assert event.id == str(a_position(3))

    async def test_comes_back(self) -> None:
        """Who comes back says what it heard last, and is told of what came since alone."""
        edge = AnEdge(a_flag())
        address = address_in(await edge.all(ADA))
        edge.change(2, ON)
        async with listening(edge, address, last_event_id=str(a_position(2))) as page:
            await page.reader.chunk()
            edge.delete(3, "f")
            event = await page.event()

        assert event.id == str(a_position(3))

    async def test_knows_more_than_this_node(self) -> None:
        """Who was answered by a node that is ahead is told once this one is past that."""
        edge = AnEdge(a_flag())
        address = address_in(await edge.all(ADA))
        async with listening(edge, address, last_event_id=str(a_position(2))) as page:
            await page.reader.chunk()
            edge.change(2, ON)
            await edge.settle()
            edge.change(3, a_flag())
            event = await page.event()

        assert event.id == str(a_position(3))

    async def test_many(self) -> None:
        """Many are told one after the other, the first at once; nobody is left out."""
        edge = AnEdge(a_flag(), event_streams=200, refetch_seconds=0.05)
        address = address_in(await edge.all(ADA))
        async with AsyncExitStack() as pages:
            held = [await pages.enter_async_context(listening(edge, address)) for _ in range(150)]
            edge.change(2, ON)
            told = [(await page.event()).id for page in held]

        assert told == [str(a_position(2))] * 150

    async def test_nonsense_before(self) -> None:
        """Who says nothing that can be read of what it has is told to ask."""
        edge = AnEdge(a_flag())
        address = address_in(await edge.all(ADA))
        async with listening(edge, address, last_event_id="7") as page:
            event = await page.event()

        assert event.id == str(a_position(1))

    async def test_other_environments(self) -> None:
        """What happens in another environment is not told."""
        edge = AnEdge(a_flag(), environments=(SHOP, STAGING))
        edge.load(STAGING)
        async with listening(edge, address_in(await edge.all(ADA))) as page:
            await page.reader.chunk()
            edge.load(STAGING, a_flag(), version=2)
            await edge.settle()
            edge.change(2, ON)
            event = await page.event()

        assert event.id == str(a_position(2))

    async def test_comments(self) -> None:
        """A quiet stream is kept open."""
        edge = AnEdge(a_flag(), comment_seconds=0.05)
        async with listening(edge, address_in(await edge.all(ADA))) as page:
            await page.reader.chunk()
            said = await page.reader.chunk()

        assert said == b":\n\n"


class TestEnds:
    async def test_revoked(self) -> None:
        """A key that is revoked ends its streams, and opens none."""
        edge = AnEdge(a_flag())
        address = address_in(await edge.all(ADA, key=CLIENT))
        left = [key for key in EDGE_KEYS if key.kind != "client"]
        async with listening(edge, address) as page:
            edge.replicas.open(ACCESS).replace(an_access(*left, environments=(SHOP,), version=2))
            said = await page.end()

        assert said == []
        assert (await edge.get(address, key=None)).status == 401

    async def test_drains(self) -> None:
        """A node that drains ends all streams, and takes no more."""
        edge = AnEdge(a_flag())
        address = address_in(await edge.all(ADA))
        async with listening(edge, address) as page:
            edge.fanout.drain()
            await page.end()

        assert (await edge.get(address, key=None)).status == 503

    async def test_no_longer_followed(self) -> None:
        """So does an environment that is gone."""
        edge = AnEdge(a_flag(), comment_seconds=0.05)
        async with listening(edge, address_in(await edge.all(ADA))) as page:
            edge.replicas.keep(frozenset({ACCESS}))
            await page.end()

        assert edge.evaluating.streams.fanout.taken == 0

    async def test_cap(self) -> None:
        """There are only so many seats; who finds none is told when to come back."""
        edge = AnEdge(a_flag(), event_streams=1)
        address = address_in(await edge.all(ADA))
        async with listening(edge, address):
            refused = await edge.get(address, key=None)
        async with listening(edge, address) as again:
            status = again.reader.status

        assert (refused.status, "retry-after" in refused.headers) == (503, True)
        assert status == 200

    @pytest.mark.parametrize("query", ["", "?environment=shop/production", "?token=x"])
    async def test_no_token(self, query: str) -> None:
        """A stream without the token that a bulk answer names is nobody's, also with a key."""
        assert (await AnEdge(a_flag()).get(f"{EVENTS_PATH}{query}", key=SERVER)).status == 401


class TestWhatConcernsNobody:
    """A page is told when something can be answered otherwise that its key may see."""

    WEB = ClientSide(web=True)

    def edge(self) -> AnEdge:
        return AnEdge(
            a_flag("page", client_side=self.WEB, rules=(a_rule(in_segment("s")),)),
            a_flag("secret"),
            a_segment("s"),
            a_segment("unused"),
        )

    async def told_after(self, edge: AnEdge, *items: Flag | Segment, key: str = CLIENT) -> str:
        """Return what a page is told first when *items* change, and `page` after them."""
        async with listening(edge, address_in(await edge.all(ADA, key=key))) as page:
            await page.reader.chunk()
            for number, item in enumerate(items, 2):
                edge.change(number, item)
                await edge.settle()
            edge.change(len(items) + 2, a_flag("page", client_side=self.WEB))
            return (await page.event()).id

    async def test_hidden_flag(self) -> None:
        """Not of a flag that its key may not see, nor of a segment that leads to none."""
        told = await self.told_after(self.edge(), a_flag("secret"), a_segment("unused"))

        assert told == str(a_position(4))

    async def test_segment(self) -> None:
        """But of a segment that one of its flags uses."""
        assert await self.told_after(self.edge(), a_segment("s")) == str(a_position(2))

    async def test_server_key(self) -> None:
        """A server's key sees every flag."""
        told = await self.told_after(self.edge(), a_flag("secret"), key=SERVER)

        assert told == str(a_position(2))

    async def test_whole_environment(self) -> None:
        """What comes whole may be different in everything."""
        edge = self.edge()
        async with listening(edge, address_in(await edge.all(ADA, key=CLIENT))) as page:
            await page.reader.chunk()
            edge.load(SHOP, a_flag("secret"), version=5)
            event = await page.event()

        assert event.id == str(a_position(5))

    async def test_comes_back(self) -> None:
        """Whoever was away for what did not concern it hears nothing of that later either."""
        edge = self.edge()
        address = address_in(await edge.all(ADA, key=CLIENT))
        async with listening(edge, address) as page:
            await page.reader.chunk()
            edge.change(2, a_flag("secret"))
        async with listening(edge, address) as page:
            await page.reader.chunk()
            edge.change(3, a_flag("page", client_side=self.WEB))
            event = await page.event()

        assert event.id == str(a_position(3))

    async def test_away_meanwhile(self) -> None:
        """And of what did concern it as soon as it is back, though that is hidden by now."""
        edge = self.edge()
        address = address_in(await edge.all(ADA, key=CLIENT))
        async with listening(edge, address) as page:
            await page.reader.chunk()
            edge.change(2, a_flag("page"))
            edge.change(3, a_flag("page"))
        async with listening(edge, address) as page:
            event = await page.event()

        assert event.id == str(a_position(3))


class TestTokens:
    NOW = 1_000 * PERIOD_SECONDS * 1000

    def tokens(self, edge: AnEdge) -> tuple[StreamTokens, Clock]:
        clock = Clock()
        clock.now = self.NOW
        return StreamTokens(Keys(edge.follower.access, lambda: clock.now / 1000)), clock

    def key(self, edge: AnEdge, secret: str) -> AccessKey:
        key = edge.follower.access.key(secret, 0)
        assert key is not None
        return key

    def test_any_node(self) -> None:
        """A token that one node gave out is good at every node that knows the key."""
        edge, other = AnEdge(), AnEdge()
        token = self.tokens(edge)[0].issue(self.key(edge, CLIENT), SHOP)

        assert self.tokens(other)[0].holder(token, SHOP) == self.key(edge, CLIENT)

    def test_runs_out(self) -> None:
        """It is given out for a period, and lasts for another."""
        edge = AnEdge()
        tokens, clock = self.tokens(edge)
        token = tokens.issue(self.key(edge, CLIENT), SHOP)
        clock.now += (2 * PERIOD_SECONDS - 1) * 1000
        held = tokens.holder(token, SHOP)
        renewed = tokens.issue(self.key(edge, CLIENT), SHOP)
        clock.now += 1000

        assert held.kind == "client"
        assert renewed != token
        with pytest.raises(Unauthenticated):
            tokens.holder(token, SHOP)

    @pytest.mark.parametrize("secret", [CLIENT, ALL])
    def test_another_environment(self, secret: str) -> None:
        """It opens no other environment, not even one that the key would."""
        edge = AnEdge(environments=(SHOP, STAGING))
        tokens, _ = self.tokens(edge)

        with pytest.raises(Unauthenticated):
            tokens.holder(tokens.issue(self.key(edge, secret), SHOP), STAGING)

    @pytest.mark.parametrize("part", [0, 1, 2])
    @pytest.mark.parametrize("other", ["", "0", "x", "é", "9" * 15, "9" * 40])
    def test_forged(self, part: int, other: str) -> None:
        """Whatever of it is changed, it is worth nothing."""
        edge = AnEdge()
        tokens, _ = self.tokens(edge)
        parts = tokens.issue(self.key(edge, CLIENT), SHOP).split(".")
        parts[part] = other

        with pytest.raises(Unauthenticated):
            tokens.holder(".".join(parts), SHOP)

    def test_later_key(self) -> None:
        """A key that this node learns of after the first token is found as well."""
        edge = AnEdge(keys=[an_access_key(SERVER, SHOP, kind="server")])
        late = an_access_key(CLIENT, SHOP, kind="client")
        tokens, _ = self.tokens(edge)
        token = tokens.issue(late, SHOP)
        with pytest.raises(Unauthenticated):
            tokens.holder(token, SHOP)
        edge.replicas.open(ACCESS).replace(an_access(late, environments=(SHOP,), version=2))

        assert tokens.holder(token, SHOP) == late

    def test_not_loaded(self) -> None:
        """Before keys are known nobody's token is wrong."""
        with pytest.raises(NotReady):
            self.tokens(AnEdge(loaded=False))[0].holder("a.b.c", SHOP)
