"""What a page is given to start with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.edge.bootstrap import BOOTSTRAP_PATH, BootstrapEndpoints
from pennon.model.bootstrap import Bootstrap, bootstrap_tag
from pennon.model.codec import decode
from pennon.model.context import Context
from pennon.model.flag import ClientSide, Variation
from pennon.web.handler import Request, Response
from tests.builders.edge import CLIENT, MOBILE, RELAY, SERVER, STAGING, AnEdge
from tests.builders.flags import a_flag, a_target, serving
from tests.builders.relay import SHOP, a_position
from tests.builders.web import Answered

ADA = {"targetingKey": "ada"}
WEB, APP = ClientSide(web=True), ClientSide(mobile=True)


async def bootstrap(
    edge: AnEdge, context: Any = ADA, *, key: str | None = CLIENT, **headers: str
) -> Answered:
    return await edge.post(BOOTSTRAP_PATH, {"context": context}, key=key, **headers)


class TestPayload:
    async def test_exact(self) -> None:
        """Version and flags, each with its value and the index of its variation."""
        edge = AnEdge(
            a_flag("new-checkout", client_side=WEB, targets=(a_target("off", "ada"),)),
        )
        payload = (await bootstrap(edge)).json()

        assert payload["version"] == "v1"
        assert payload["flags"] == {"new-checkout": {"value": False, "variation": 1}}

    async def test_beside(self) -> None:
        """Beside them stands what it is of."""
        edge = AnEdge(a_flag(client_side=WEB))
        answer = await bootstrap(edge)
        payload = decode(answer.body, Bootstrap)

        assert f"{payload.epoch}.1" == str(a_position(1))
        assert payload.environment == SHOP
        assert payload.stale_ms is None
        assert answer.headers["x-pennon-version"] == str(a_position(1))

    def test_when(self) -> None:
        """And when it was made, by the clock of the node's parent."""
        edge = AnEdge()
        headers = {"authorization": f"Bearer {CLIENT}"}
        request = Request(method="POST", path=BOOTSTRAP_PATH, headers=headers)
        scopes, answering = edge.evaluating.scopes, edge.evaluating.answering
        answer = BootstrapEndpoints(scopes, answering, lambda: 42).bootstrap(request)

        assert isinstance(answer, Response)
        assert decode(answer.body, Bootstrap).generated_at == 42

    async def test_bound(self) -> None:
        """It is bound to its context: no other may use it."""
        payload = decode((await bootstrap(AnEdge(), {**ADA, "plan": "pro"})).body, Bootstrap)

        assert payload.is_for(Context.of({"key": "ada", "plan": "pro"}))
        assert not payload.is_for(Context.of({"key": "ada"}))

    async def test_left_out(self) -> None:
        """A flag that has no value to serve, or fails, is left out: the page's default applies."""
        edge = AnEdge(
            a_flag("none", client_side=WEB, enabled=False, off=None),
            a_flag("bad", client_side=WEB, default=serving("nowhere")),
            a_flag("null", client_side=WEB, type="json", off=None, default=serving("it"),
                   variations=(Variation(name="it", value=None),)),
        )  # fmt: skip

        assert (await bootstrap(edge)).json()["flags"] == {"null": {"value": None, "variation": 0}}

    async def test_stale(self) -> None:
        """A node that is out of touch says so."""
        edge = AnEdge()
        edge.clock.now = 90.0
        answer = await bootstrap(edge)

        assert answer.json()["staleMs"] == 90_000
        assert answer.headers["x-pennon-stale"] == "90000"

    async def test_tag(self) -> None:
        """The answer, as it came, is what a template's tag holds."""
        answer = await bootstrap(AnEdge(a_flag(client_side=WEB)))

        assert bootstrap_tag(answer.body).startswith(
            '<script>window.__FLAG_BOOTSTRAP__ = {"version":"v1","flags":{"f":{"value":false,'
        )


class TestWhoSeesWhat:
    @pytest.mark.parametrize(
        ("key", "seen"), [(CLIENT, {"web"}), (SERVER, {"web"}), (MOBILE, {"app"})]
    )
    async def test_seen(self, key: str, seen: set[str]) -> None:
        """What stands in a page anyone may read: a server key too is given what pages may see."""
        edge = AnEdge(
            a_flag("web", client_side=WEB), a_flag("app", client_side=APP), a_flag("secret")
        )

        assert (await bootstrap(edge, key=key)).json()["flags"].keys() == seen

    @pytest.mark.parametrize(
        ("key", "environment", "status"),
        [(None, SHOP, 401), (RELAY, SHOP, 403), (SERVER, STAGING, 403)],
    )
    async def test_refused(self, key: str | None, environment: str, status: int) -> None:
        """Keys have the statuses that they have everywhere."""
        answer = await bootstrap(AnEdge(), key=key, x_pennon_environment=environment)

        assert answer.status == status
        assert answer.headers["content-type"] == "application/problem+json"


class TestRequests:
    @pytest.mark.parametrize("body", [b"", b"{}", b'{"context":null}'])
    async def test_no_context(self, body: bytes) -> None:
        """No context is an empty one."""
        answer = await AnEdge(a_flag(client_side=WEB)).post(BOOTSTRAP_PATH, body, key=CLIENT)

        assert answer.json()["flags"].keys() == {"f"}

    @pytest.mark.parametrize(
        "body", [b"{", b'{"context":[]}', b'{"context":{"a":%b1%b}}' % (b"[" * 900, b"]" * 900)]
    )
    async def test_bad(self, body: bytes) -> None:
        """What is no context is told, with its place, or answered; it is never our fault."""
        answer = await AnEdge().post(BOOTSTRAP_PATH, body, key=CLIENT)

        assert answer.status in (200, 400)
        assert answer.status == 200 or answer.json()["errors"][0]["path"].startswith("$")

    @settings(max_examples=40)
    @given(
        st.dictionaries(
            st.text(),
            st.none() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just("\ud800"),
        )
    )
    async def test_any(self, attributes: dict[str, Any]) -> None:
        """Whatever is in a context, it has a hash, and an answer that is for it."""
        answer = await bootstrap(AnEdge(), {**attributes, "kind": "user", "key": "ada"})
        body = answer.json()

        assert (answer.status, len(body.get("contextHash", ""))) in ((200, 40), (400, 0))

    async def test_not_modified(self) -> None:
        """Who has it is told so: until the environment, the context or what is seen changes."""
        edge = AnEdge(a_flag(client_side=WEB))
        first = await bootstrap(edge)
        tag = first.headers["etag"]
        again = await bootstrap(edge, if_none_match=tag)
        others = [
            await bootstrap(edge, {**ADA, "plan": "pro"}, if_none_match=tag),
            await bootstrap(edge, key=MOBILE, if_none_match=tag),
        ]
        edge.change(2, a_flag())
        others.append(await bootstrap(edge, if_none_match=tag))

        assert (again.status, again.body) == (304, b"")
        assert [other.status for other in others] == [200] * 3

    async def test_numbers_that_pages_cannot_tell_apart(self) -> None:
        """What is two numbers to a rule is two answers, though a page has one hash for both."""
        edge = AnEdge(a_flag(client_side=WEB))
        first = await bootstrap(edge, {**ADA, "order": 2**53})
        other = await bootstrap(
            edge, {**ADA, "order": 2**53 + 1}, if_none_match=first.headers["etag"]
        )

        assert other.json()["contextHash"] == first.json()["contextHash"]
        assert other.status == 200

    async def test_private(self) -> None:
        """Nobody between keeps it: it is one visitor's."""
        assert (await bootstrap(AnEdge())).headers["cache-control"] == "private, no-cache"

    async def test_pages(self) -> None:
        """A page may ask for it as well."""
        answer = await bootstrap(AnEdge(), origin="https://app.example.com")

        assert answer.headers["access-control-allow-origin"] == "*"
