"""Addresses of streams: what opens one, for how long, and who can read it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings

from pennon.edge.client_stream.tokens import LIFE_SECONDS, LONGEST, Asked, SealedTokens
from pennon.edge.event_streams import EVENTS_PATH
from pennon.errors import BadInput, NotReady, Unauthenticated
from pennon.model.access import AccessKey
from pennon.model.context import Context
from pennon.web.auth import Keys
from tests.builders.edge import CLIENT, RELAY, SERVER, AnEdge
from tests.builders.flags import a_context, a_flag
from tests.builders.relay import SHOP, Clock, a_secret, an_access, an_access_key
from tests.edge.client_stream.test_streams import a_page_flag
from tests.edge.test_event_streams import listening
from tests.evaluation import strategies

ADA = {"targetingKey": "ada", "email": "ada@example.com"}
PATH = "/client/v1/stream"


class Node:
    """The tokens of a node, and its clock."""

    def __init__(self, *keys: AccessKey, edge: AnEdge | None = None) -> None:
        self.edge = edge or (AnEdge(keys=keys) if keys else AnEdge())
        self.clock = Clock(1_000_000.0)
        self.tokens = SealedTokens(Keys(self.edge.follower.access, self.clock))

    def seal(self, context: Context | None = None, *, secret: str = CLIENT, since: str = "") -> str:
        key = self.edge.follower.access.key(secret, 0)
        assert key is not None
        return self.tokens.seal(key, Asked(SHOP, context or a_context(), since))


def noise(count: int) -> str:
    """Return text that cannot be made much smaller."""
    return "".join(hashlib.sha256(b"%d" % n).hexdigest() for n in range(count // 64))


class TestTokens:
    @settings(max_examples=40)
    @given(strategies.contexts)
    def test_any_context(self, context: Context) -> None:
        """Whatever context was sealed is opened, with what was held of it."""
        node = Node()
        asked = node.tokens.open(node.seal(context, since="x"))[1]

        assert repr(asked.context.kinds) == repr(context.kinds)
        assert (asked.environment, asked.since) == (SHOP, "x")

    def test_any_process(self) -> None:
        """Any process of any node opens it that knows the keys."""
        key, asked = Node().tokens.open(Node().seal())

        assert (key.kind, asked.context) == ("client", a_context())

    def test_unreadable(self) -> None:
        """Nobody reads the context in it who has the page's key, which is public."""
        other = an_access_key(a_secret(77), kind="relay")
        outside = Node(an_access_key(CLIENT, SHOP, kind="client"), other)

        with pytest.raises(Unauthenticated):
            outside.tokens.open(Node().seal())

    def test_never_the_same(self) -> None:
        """It does not even tell that two are of the same context."""
        node = Node()

        assert node.seal() != node.seal()

    def test_no_relay_key(self) -> None:
        """Where there is no relay key, the key's own hash must do."""
        key = an_access_key(CLIENT, SHOP, kind="client")

        assert Node(key).tokens.open(Node(key).seal())[1].environment == SHOP

    def test_runs_out(self) -> None:
        """It opens a stream for a minute."""
        node = Node()
        token = node.seal()
        node.clock.now += LIFE_SECONDS - 1
        node.tokens.open(token)
        node.clock.now += 1

        with pytest.raises(Unauthenticated):
            node.tokens.open(token)

    @pytest.mark.parametrize("change", [{"revoked": True}, {"expires_at": 5}, {"at": "shop/other"}])
    def test_key_ends(self, change: dict[str, Any]) -> None:
        """It ends with its key, and with what that opens."""
        environment = change.pop("at", SHOP)
        node, token = Node(), Node().seal()
        key = an_access_key(CLIENT, environment, kind="client", **change)
        node.edge.replicas.open("$access").replace(an_access(key, an_access_key(RELAY), version=2))

        with pytest.raises(Unauthenticated):
            node.tokens.open(token)

    def test_relay_key_ends(self) -> None:
        """It does not end with the relay key that sealed it: those that follow know that too."""
        node, token = Node(), Node().seal()
        client = an_access_key(CLIENT, SHOP, kind="client")
        node.edge.replicas.open("$access").replace(
            an_access(client, an_access_key(RELAY, revoked=True), version=2)
        )

        assert node.tokens.open(token)[1].environment == SHOP
        assert node.tokens.open(node.seal())[1].environment == SHOP

    @pytest.mark.parametrize("at", [0, 7, 8, 15, 16, 23, 24, 39, 40, -1])
    def test_forged(self, at: int) -> None:
        """Whatever of it is changed, it is worth nothing."""
        node = Node()
        raw = bytearray(urlsafe_b64decode(node.seal() + "=="))
        raw[at] ^= 1

        with pytest.raises(Unauthenticated):
            node.tokens.open(urlsafe_b64encode(bytes(raw)).decode())

    @pytest.mark.parametrize("token", ["", "x", "é", "a" * 60, "A" * (LONGEST + 4), "%%%%"])
    def test_nonsense(self, token: str) -> None:
        """So is what never was one."""
        with pytest.raises(Unauthenticated):
            Node().tokens.open(token)

    def test_not_loaded(self) -> None:
        """Before keys are known nobody's token is wrong."""
        with pytest.raises(NotReady):
            Node(edge=AnEdge(loaded=False)).tokens.open("x")

    @pytest.mark.parametrize("context", [a_context(a=noise(12_000)), a_context(a="x" * 70_000)])
    def test_too_large(self, context: Context) -> None:
        """A context that no address can hold is refused, with what to do instead."""
        with pytest.raises(BadInput, match="text/event-stream"):
            Node().seal(context)

    def test_as_large_as_may_be(self) -> None:
        """One that an address can hold is within what proxies let through."""
        assert len(Node().seal(a_context(a=noise(8_000)), since="x" * 100)) <= LONGEST


class TestAddress:
    async def ask(self, edge: AnEdge, context: Any = ADA, *, key: str = CLIENT) -> Any:
        answer = await edge.post(PATH, {"context": context}, key=key)
        assert answer.status == 200
        return answer.json()

    async def test_opens(self) -> None:
        """The address that is answered opens the stream, for anyone, for a minute."""
        edge = AnEdge(a_page_flag())
        told = await self.ask(edge)
        async with listening(edge, told["url"], origin="https://app.example.com") as page:
            event = await page.event()

        assert told["expiresIn"] == 60
        assert event.name == "put"
        assert page.reader.headers["access-control-allow-origin"] == "*"
        assert page.reader.headers["content-type"] == "text/event-stream"

    async def test_tells_nothing(self) -> None:
        """It holds neither the key nor anything of the context that could be read."""
        url = (await self.ask(AnEdge()))["url"]
        (token,) = parse_qs(urlsplit(url).query)["token"]
        raw = urlsafe_b64decode(token + "==")

        assert urlsplit(url).path == PATH
        assert CLIENT not in url
        assert b"ada" not in raw

    async def test_last_event_id(self) -> None:
        """A browser that opens it again says what it heard last, and is told nothing twice."""
        edge = AnEdge(a_page_flag())
        url = (await self.ask(edge))["url"]
        async with listening(edge, url) as page:
            last = (await page.event()).id
        async with listening(edge, url, last_event_id=last) as page:
            await page.reader.chunk()
            edge.change(2, a_page_flag("g"))
            event = await page.event()

        assert event.name == "patch"

    async def test_since(self) -> None:
        """What the client held when it asked for the address counts as well."""
        edge = AnEdge(a_page_flag())
        async with listening(edge, (await self.ask(edge))["url"]) as page:
            last = (await page.event()).id
        answer = await edge.post(PATH, {"context": ADA, "since": last}, key=CLIENT)
        async with listening(edge, answer.json()["url"]) as page:
            await page.reader.chunk()
            edge.change(2, a_page_flag("g"))
            event = await page.event()

        assert event.name == "patch"

    async def test_server_key(self) -> None:
        """A server may hand an address on: it opens what a page may see."""
        edge = AnEdge(a_page_flag(), a_flag("secret"))
        async with listening(edge, (await self.ask(edge, key=SERVER))["url"]) as page:
            event = await page.event()

        assert b"secret" not in event.data

    @pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?context=x"])
    async def test_no_token(self, query: str) -> None:
        """Without a token it is nobody's, also with a key."""
        assert (await AnEdge().get(f"{PATH}{query}", key=SERVER)).status == 401

    async def test_not_kept(self) -> None:
        """Nobody keeps the answer that holds it."""
        answer = await AnEdge().post(PATH, {}, key=CLIENT)

        assert answer.headers["cache-control"] == "no-store"

    async def test_another_kind_of_token(self) -> None:
        """The token of an OFREP event stream is none of these, nor the other way round."""
        edge = AnEdge()
        token = (await self.ask(edge))["url"].partition("?")[2]
        answer = await edge.get(f"{EVENTS_PATH}?environment={SHOP}&{token}", key=None)

        assert answer.status == 401
