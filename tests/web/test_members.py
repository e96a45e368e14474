"""The route that nodes ask about members."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pennon.errors import NotReady
from pennon.model.codec import decode, encode_item
from pennon.model.members import MembersAnswer
from pennon.model.segment import Segment
from pennon.web.members import MembersEndpoints
from tests.builders.member_store import MemberStore, an_external
from tests.builders.relay import SHOP, a_position, a_secret, a_snapshot, an_access_key
from tests.builders.web import ORDINARY_KEYS, RELAY, SERVER, ANode, Answered

CLIENT, STAGING = a_secret(4, "client"), a_secret(5)
KEYS = (
    *ORDINARY_KEYS,
    an_access_key(CLIENT, SHOP, kind="client"),
    an_access_key(STAGING, "shop/staging"),
)
PATH = "/sync/v1/segments/beta/members"


class AnAnswerer(ANode):
    """A node that holds the external segment *beta* and *plain*, and asks *store*."""

    def __init__(self, store: MemberStore | None = None, *, loaded: bool = True) -> None:
        segments = (an_external(), Segment(key="plain"))
        items = {("segment", each.key): encode_item(each) for each in segments}
        held = [a_snapshot(1, items)] if loaded else []  # type: ignore[arg-type]
        super().__init__(*held, keys=KEYS)
        self.store = store or MemberStore()
        endpoints = MembersEndpoints(self.keys, self.replicas, self.store.lookup)
        self.parts = (*self.parts, endpoints)

    async def asks(
        self,
        *keys: object,
        environment: object = SHOP,
        path: str = PATH,
        key: str | None = RELAY,
    ) -> Answered:
        """Ask about *keys*."""
        return await self.post(path, {"environment": environment, "keys": keys}, key=key)


class TestMembers:
    @pytest.mark.parametrize("key", [RELAY, SERVER])
    async def test_answered(self, key: str) -> None:
        """Who may hold definitions is told who is in and who is out."""
        store = MemberStore()
        store.change(["ada"], ["bob"])
        answer = await AnAnswerer(store).asks("ada", "bob", "cleo", key=key)
        said = decode(answer.body, MembersAnswer)

        assert answer.status == 200
        assert (said.in_, said.out, said.unknown) == (("ada",), ("bob",), ())
        assert (said.environment, said.segment) == (SHOP, "beta")
        assert (said.epoch, said.generation) == a_position(2)

    @pytest.mark.parametrize(
        ("key", "status"),
        [
            pytest.param(None, 401, id="none"),
            pytest.param(CLIENT, 403, id="of another kind"),
            pytest.param(STAGING, 403, id="of another environment"),
        ],
    )
    async def test_keys(self, key: str | None, status: int) -> None:
        """Nobody else is."""
        assert (await AnAnswerer().asks("ada", key=key)).status == status

    @pytest.mark.parametrize(
        ("keys", "environment", "path"),
        [
            pytest.param([], SHOP, "$.keys", id="no keys"),
            pytest.param([1], SHOP, "$.keys[0]", id="a number"),
            pytest.param(["ada", ""], SHOP, "$.keys[1]", id="an empty key"),
            pytest.param(["a\0"], SHOP, "$.keys[0]", id="a null"),
            pytest.param(["x" * 1_025], SHOP, "$.keys[0]", id="a long key"),
            pytest.param(["x"] * 1_001, SHOP, "$.keys", id="many keys"),
            pytest.param(["ada"], "shop", "$.environment", id="a name"),
            pytest.param(["ada"], None, "$.environment", id="no environment"),
        ],
    )
    async def test_bad_input(self, keys: Sequence[object], environment: object, path: str) -> None:
        """What is wrong with a question is named."""
        answer = await AnAnswerer().asks(*keys, environment=environment)

        assert answer.status == 400
        assert [fault["path"] for fault in answer.json()["errors"]] == [path]

    @pytest.mark.parametrize(
        "path",
        [
            pytest.param("/sync/v1/segments/gold/members", id="unknown"),
            pytest.param("/sync/v1/segments/plain/members", id="not external"),
            pytest.param("/sync/v1/segments/members", id="no segment"),
            pytest.param("/sync/v1/segments//members", id="an empty one"),
            pytest.param("/sync/v1/segments/a/b/members", id="two"),
            pytest.param("/sync/v1/segments/beta", id="the segment itself"),
        ],
    )
    async def test_not_there(self, path: str) -> None:
        """There is nothing but external segments, each with its members."""
        assert (await AnAnswerer().asks("ada", path=path)).status == 404

    async def test_no_environment(self) -> None:
        """Nor is there an environment that does not exist."""
        assert (await AnAnswerer().asks("ada", environment="shop/gone")).status == 404

    async def test_not_loaded(self) -> None:
        """Before the environment is here, it is to be asked again."""
        assert (await AnAnswerer(loaded=False).asks("ada")).status == 503

    async def test_not_now(self) -> None:
        """And so it is where nobody above can be asked."""
        node = AnAnswerer()
        node.store.fails = NotReady("not now", retry_after=2.0)
        answer = await node.asks("ada")

        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
