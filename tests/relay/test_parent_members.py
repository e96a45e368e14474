"""Asking the parent about members: what it may say, and what that means."""

from __future__ import annotations

import httpx2
import pytest

from pennon.errors import BadInput, NotFound, NotReady, PennonError, SourceLost
from pennon.model.codec import decode, encode_item
from pennon.model.members import MembersAnswer, MembersQuestion
from pennon.relay.parent_members import ParentMembers
from tests.builders.member_store import BETA, MemberStore
from tests.builders.relay import SHOP, a_secret

KEY = a_secret()


async def asked(answer: httpx2.Response | Exception) -> MembersAnswer:
    """Ask a parent that answers with *answer*."""

    def parent(request: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(parent)) as client:
        members = ParentMembers(client, lambda: "http://parent.test/", KEY)
        return await members.lookup(SHOP, BETA, ["ada"])


class TestQuestion:
    async def test_on_the_wire(self) -> None:
        """It goes to the parent that is followed now, with the node's key."""
        seen: list[httpx2.Request] = []

        def parent(request: httpx2.Request) -> httpx2.Response:
            seen.append(request)
            return httpx2.Response(200, content=encode_item(MemberStore().answer(["ada"])))

        url = "http://one.test"
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(parent)) as client:
            members = ParentMembers(client, lambda: url, KEY)
            await members.lookup(SHOP, BETA, ["ada"])
            url = "http://two.test"
            await members.lookup(SHOP, BETA, ["ada"])

        assert [str(request.url) for request in seen] == [
            f"http://{host}.test/sync/v1/segments/beta/members" for host in ("one", "two")
        ]
        assert seen[0].headers["authorization"] == f"Bearer {KEY}"
        assert decode(seen[0].content, MembersQuestion).keys == ("ada",)


class TestAnswer:
    async def test_success(self) -> None:
        """What is answered is what is told."""
        store = MemberStore()
        store.change(["ada"])
        said = store.answer(["ada"])

        assert await asked(httpx2.Response(200, content=encode_item(said))) == said

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (400, BadInput),
            (404, NotFound),
            (413, BadInput),
            (429, NotReady),
            (503, NotReady),
            (401, SourceLost),
            (403, SourceLost),
            (500, SourceLost),
            (502, SourceLost),
        ],
    )
    async def test_statuses(self, status: int, error: type[PennonError]) -> None:
        """A parent that cannot say is not one that is lost; one that fails is."""
        with pytest.raises(error):
            await asked(httpx2.Response(status))

    async def test_when_to_come_back(self) -> None:
        """The parent's own wish is passed on."""
        with pytest.raises(NotReady) as refused:
            await asked(httpx2.Response(503, headers={"Retry-After": "7"}))

        assert refused.value.retry_after == 7.0

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(httpx2.ConnectError("nobody there"), id="nobody"),
            pytest.param(httpx2.Response(200, content=b"<html>"), id="not JSON"),
            pytest.param(httpx2.Response(200, content=b'{"in":["ada"]}'), id="half an answer"),
            pytest.param(
                httpx2.Response(200, content=encode_item(MemberStore(segment="gold").answer([]))),
                id="of another segment",
            ),
        ],
    )
    async def test_nothing_of_use(self, answer: httpx2.Response | Exception) -> None:
        """What cannot be read is no answer."""
        with pytest.raises(SourceLost):
            await asked(answer)
