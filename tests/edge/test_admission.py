"""Whoever asks an edge too much is told so in the words of the route, and pages can read it."""

from __future__ import annotations

import json

import pytest

from pennon.edge.bootstrap import BOOTSTRAP_PATH
from pennon.edge.collector import Collector
from pennon.edge.ofrep import FLAGS_PATH
from pennon.relay.backlog import MemoryBacklog
from pennon.relay.backoff import Backoff
from pennon.relay.postbox import Postbox
from pennon.web.asgi import DataPlaneApp
from pennon.web.data_plane import DataPlane
from pennon.web.handler import Request
from pennon.web.problem import HttpError
from tests.builders.edge import CLIENT, RELAY, SERVER, AnEdge
from tests.builders.events import Taken
from tests.builders.flags import a_flag
from tests.builders.ofrep import shape_faults
from tests.builders.origin import Clock
from tests.builders.relay import SHOP
from tests.builders.web import Answered, ask, streaming

ADA = {"targetingKey": "ada"}
PAGE = "https://app.example.com"
CLIENT_ADDRESS = "203.0.113.9"


async def the_second(edge: AnEdge, path: str, address: str = CLIENT_ADDRESS) -> Answered:
    """Return what the second of two requests is answered."""
    for _ in range(2):
        answer = await edge.post(
            path, {"context": ADA}, key=CLIENT, origin=PAGE, x_forwarded_for=address
        )
    return answer


class TestRates:
    async def test_single(self) -> None:
        """A provider for one flag is told when to come back, in OFREP's shape."""
        edge = AnEdge(a_flag(), key_rate=0.1, burst_seconds=10)
        answer = await the_second(edge, f"{FLAGS_PATH}/f")

        assert (answer.status, answer.headers["retry-after"]) == (429, "10")
        assert shape_faults(answer) == []
        assert answer.json()["key"] == "f"

    async def test_bulk(self) -> None:
        """So is one for all flags; a page may read it."""
        edge = AnEdge(a_flag(), address_rate=0.1, burst_seconds=10)
        answer = await the_second(edge, FLAGS_PATH)

        assert (answer.status, answer.headers["retry-after"]) == (429, "10")
        assert shape_faults(answer, bulk=True) == []
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "retry-after" in answer.headers["access-control-expose-headers"]

    async def test_bootstrap(self) -> None:
        """Elsewhere it is a problem document."""
        edge = AnEdge(a_flag(), key_rate=0.1, burst_seconds=10)
        answer = await the_second(edge, BOOTSTRAP_PATH)

        assert answer.status == 429
        assert answer.json()["type"] == "urn:pennon:problem:too-many-requests"

    async def test_304(self) -> None:
        """An answer that is known already counts like any other."""
        edge = AnEdge(a_flag(), key_rate=0.1, burst_seconds=20)
        etag = (await edge.all(ADA)).headers["etag"]
        seen = [(await edge.all(ADA, if_none_match=etag)).status for _ in range(2)]

        assert seen == [304, 429]

    async def test_other_addresses(self) -> None:
        """One that asks too much keeps no other from being answered."""
        edge = AnEdge(a_flag(), address_rate=0.1, burst_seconds=10)
        await the_second(edge, FLAGS_PATH)
        other = await edge.post(FLAGS_PATH, {}, key=CLIENT, x_forwarded_for="192.0.2.1")

        assert other.status == 200

    async def test_nodes(self) -> None:
        """Followers, health and metrics are not limited."""
        edge = AnEdge(a_flag(), key_rate=0.1, address_rate=0.1)
        seen = [
            (await edge.get(path, key=RELAY)).status for path in 3 * ("/metrics", "/healthz/live")
        ]

        assert set(seen) == {200}


class TestSize:
    async def test_context(self) -> None:
        """A context that is too large is refused in the route's words, before it is read."""
        edge = AnEdge(a_flag(), context_bytes=1000)
        body = json.dumps({"context": {"targetingKey": "a" * 1000}}).encode()
        answer = await edge.post(f"{FLAGS_PATH}/f", body, key=SERVER)

        assert (answer.status, answer.json()["errorCode"]) == (413, "GENERAL")
        assert "1000 bytes" in answer.json()["errorDetails"]

    def test_what_is_no_context(self) -> None:
        """What tells of events is no context, and may be larger."""
        scopes = AnEdge(a_flag(), context_bytes=1000).evaluating.scopes
        headers = {"authorization": f"Bearer {CLIENT}"}
        large = Request(method="POST", path="/", headers=headers, body=b"x" * 1001)

        assert scopes.of(large, evaluates=False).environment == SHOP
        with pytest.raises(HttpError):
            scopes.of(large)


class TestStreams:
    async def test_address(self) -> None:
        """An address that holds all that it may is told so; others find a seat."""
        edge = AnEdge(a_flag(), streams_per_address=1)
        (offer,) = (await edge.all(ADA, key=CLIENT)).json()["eventStreams"]
        address = offer["endpoint"]["requestUri"]
        mine, other = ({"x-forwarded-for": each} for each in (CLIENT_ADDRESS, "192.0.2.1"))
        async with streaming(edge.app, address, mine):
            refused = await edge.get(address, key=None, x_forwarded_for=CLIENT_ADDRESS)
            async with streaming(edge.app, address, other) as another:
                seen = another.status
        async with streaming(edge.app, address, mine) as again:
            status = again.status

        assert (refused.status, "retry-after" in refused.headers) == (429, True)
        assert (seen, status) == (200, 200)


class TestEarly:
    """What is refused before it reaches a handler; a page may read it all the same."""

    async def refused(self, path: str, method: str = "GET", **headers: str) -> Answered:
        given = {"origin": PAGE, **headers}
        return await ask(AnEdge(a_flag()).app, method, path, headers=given)

    async def test_a_method(self) -> None:
        """A method that a route does not have."""
        answer = await self.refused(f"{FLAGS_PATH}/f")

        assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert (answer.json()["errorCode"], answer.json()["key"]) == ("GENERAL", "f")

    async def test_any_route(self) -> None:
        """Every route refuses a method that it does not have."""
        postbox = Postbox(MemoryBacklog(), Taken(), Backoff(lambda: 0.0))
        collector = Collector("edge-1", postbox, Clock())
        edge = AnEdge(a_flag(), counter=collector)
        paths = {path.replace("*", "x") for part in edge.parts for _, path in part.routes()}
        seen = {path: (await ask(edge.app, "BREW", path)).status for path in paths}

        assert seen == dict.fromkeys(paths, 405)

    async def test_a_body(self) -> None:
        """A body that is too large is said in the words of the route."""
        plane = DataPlane(*AnEdge(a_flag()).parts)
        app = DataPlaneApp(plane.answer, 100, refuse=plane.refusal)
        single, elsewhere = [
            await ask(app, "POST", path, b"x" * 101, headers={"origin": PAGE})
            for path in (f"{FLAGS_PATH}/f", "/sync/v1/acks")
        ]

        assert (single.status, single.json()["errorCode"]) == (413, "GENERAL")
        assert single.headers["access-control-allow-origin"] == "*"
        assert (elsewhere.status, "errorCode" in elsewhere.json()) == (413, False)
        assert "access-control-allow-origin" not in elsewhere.headers

    async def test_nowhere(self) -> None:
        """A path that is nobody's is a problem like any other."""
        answer = await self.refused("/nowhere")

        assert (answer.status, answer.json()["title"]) == (404, "Not Found")
