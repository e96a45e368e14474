"""The changes that a connector no longer has, asked of its parent."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from pennon.connector.history import ParentHistory, frames_between
from pennon.relay.run import frame_of
from tests.builders.relay import SHOP, a_change, a_position, a_secret

KEY = a_secret()


def frames(*versions: int) -> bytes:
    return b"".join(frame_of(a_change(version)) for version in versions)


class Parent:
    """Answers every question alike, once it is let."""

    def __init__(self, body: bytes = b"", status: int = 200) -> None:
        self.asked: list[httpx2.Request] = []
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()
        self.may_answer.set()
        self._body, self._status = body, status

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        self.is_asked.set()
        await self.may_answer.wait()
        if not self._status:
            raise httpx2.ConnectError("nobody there")
        return httpx2.Response(self._status, content=self._body)

    def history(self) -> ParentHistory:
        client = httpx2.AsyncClient(transport=httpx2.MockTransport(self))
        return ParentHistory(client, lambda: "http://parent.test/prefix/", KEY)


class TestBetween:
    async def test_asked_and_answered(self) -> None:
        """The parent is asked as a follower asks it, and its bytes are passed on as they are."""
        parent = Parent(frames(4, 5, 6))
        answer = await parent.history().between(SHOP, a_position(3), a_position(6))
        (request,) = parent.asked

        assert answer == frames(4, 5, 6)
        assert request.url.path == "/prefix/sync/v1/changes"
        assert request.url.params["environment"] == f"{SHOP}@{a_position(3)}"
        assert request.headers["Authorization"] == f"Bearer {KEY}"

    async def test_a_herd(self) -> None:
        """Those who lack the same are answered by one question, wherever they are to get to."""
        parent = Parent(frames(4, 5, 6))
        parent.may_answer.clear()
        history = parent.history()
        asking = [
            asyncio.create_task(history.between(SHOP, a_position(3), a_position(end)))
            for end in (6, 6, 5)
        ]
        await parent.is_asked.wait()
        parent.may_answer.set()

        assert await asyncio.gather(*asking) == [frames(4, 5, 6), frames(4, 5, 6), frames(4, 5)]
        assert len(parent.asked) == history.asked == 1

    async def test_one_gives_up(self) -> None:
        """A follower that leaves does not take the answer from the others."""
        parent = Parent(frames(4))
        parent.may_answer.clear()
        history = parent.history()
        first, second = (
            asyncio.create_task(history.between(SHOP, a_position(3), a_position(4)))
            for _ in range(2)
        )
        await parent.is_asked.wait()
        first.cancel()
        parent.may_answer.set()

        assert await second == frames(4)

    @pytest.mark.parametrize("status", [0, 401, 404, 410, 503])
    async def test_not_to_be_had(self, status: int) -> None:
        """What the parent does not give is not made up: the follower is sent everything."""
        history = Parent(frames(4), status).history()

        assert await history.between(SHOP, a_position(3), a_position(4)) is None
        assert history.missed == 1

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (a_position(3), a_position(4, epoch=2)),
            (a_position(3), a_position(3)),
            (a_position(3), a_position(20_000)),
        ],
        ids=["another epoch", "nothing", "too many"],
    )
    async def test_not_asked(self, start: object, end: object) -> None:
        """Where no answer could be of use there is no question."""
        parent = Parent()

        assert await parent.history().between(SHOP, start, end) is None  # type: ignore[arg-type]
        assert parent.asked == []


class TestFrames:
    @pytest.mark.parametrize(
        ("body", "whole"),
        [
            (frames(4, 5), True),
            (frames(4, 5, 6), True),
            (frames(4), False),
            (frames(5, 6), False),
            (frames(4, 6), False),
            (frames(4, 5)[:-5], False),
            (b"", False),
            (b"event: goodbye\ndata: {}\n\n", False),
        ],
    )
    def test_dense(self, body: bytes, whole: bool) -> None:
        """Only an unbroken line from one position to the other is passed on."""
        expected = frames(4, 5) if whole else None

        assert frames_between(body, a_position(3), a_position(5)) == expected
