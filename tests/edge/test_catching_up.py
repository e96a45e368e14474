"""A client that has heard of more than a node has."""

from __future__ import annotations

import asyncio

import pytest

from pennon.edge.catching_up import CatchingUp, heard_by
from pennon.edge.ofrep import FLAGS_PATH
from pennon.model.position import Position
from pennon.web.handler import Request
from tests.builders.edge import SERVER, AnEdge
from tests.builders.flags import a_flag, serving
from tests.builders.relay import SHOP, a_position
from tests.builders.web import Answered

ADA = {"targetingKey": "ada"}
OTHER_EPOCH = Position("1999999999999-00000009", 9)


class TestLacks:
    @pytest.mark.parametrize(
        ("environment", "heard", "lacks"),
        [
            (SHOP, a_position(2), True),
            (SHOP, a_position(1), False),
            (SHOP, OTHER_EPOCH, False),
            ("shop/nowhere", a_position(2), False),
        ],
    )
    def test_behind(self, environment: str, heard: Position, lacks: bool) -> None:
        """A node lacks what comes after its version; another epoch says nothing of it."""
        assert CatchingUp(AnEdge().replicas).lacks(environment, heard) is lacks


class TestWait:
    async def test_comes(self) -> None:
        """It is waited for until it is all here."""
        edge = AnEdge(a_flag())
        waiting = asyncio.create_task(CatchingUp(edge.replicas).wait(SHOP, a_position(3)))
        await edge.settle()
        edge.change(2, a_flag())
        await edge.settle()
        early = waiting.done()
        edge.change(3, a_flag())
        await waiting

        assert not early

    async def test_does_not_come(self) -> None:
        """It is not waited for for ever."""
        edge = AnEdge(a_flag())
        await CatchingUp(edge.replicas, seconds=0.01).wait(SHOP, a_position(9))

        assert edge.replicas.open(SHOP).position == a_position(1)


class TestOfrep:
    async def ask(self, edge: AnEdge, heard: object) -> Answered:
        path = f"{FLAGS_PATH}?flagConfigEtag={heard}&flagConfigLastModified=1"
        return await edge.post(path, {"context": ADA}, key=SERVER)

    async def test_waits(self) -> None:
        """The answer is of what the client has heard of, or later."""
        edge = AnEdge(a_flag())
        asking = asyncio.create_task(self.ask(edge, a_position(2)))
        await edge.settle()
        edge.change(2, a_flag(default=serving("on")))
        answer = await asking

        assert answer.headers["x-pennon-version"] == str(a_position(2))
        assert answer.json()["flags"][0]["value"] is True

    @pytest.mark.parametrize("heard", [a_position(1), OTHER_EPOCH, "", "7", "%22x%22"])
    async def test_at_once(self, heard: object) -> None:
        """Who has heard of nothing new, or says nothing that can be read, waits for nothing."""
        answer = await self.ask(AnEdge(a_flag()), heard)

        assert answer.headers["x-pennon-version"] == str(a_position(1))

    def test_other_requests(self) -> None:
        """A request that no event led to has heard of nothing."""
        assert heard_by(Request(method="POST", path=FLAGS_PATH, query="a=b")) is None
