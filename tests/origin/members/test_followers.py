"""What an origin answers to followers that ask about members."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from pennon.model.codec import decode
from pennon.model.members import MembersAnswer
from pennon.origin.app import OriginNode
from pennon.origin.settings import OriginSettings
from pennon.web.asgi import DataPlaneApp
from tests.builders.api import Api
from tests.builders.members import SEGMENT, an_external_segment, change

NAME = "shop/production"


@asynccontextmanager
async def a_follower(api: Api, *, streams_only: bool = False) -> AsyncGenerator[httpx2.AsyncClient]:
    """Run the origin as a node, and give a client with a relay key for everything."""
    key = (await api.post("/keys", {"kind": "relay", "environments": "*"}))["secret"]
    node = OriginNode(api.origin, OriginSettings(), streams_only=streams_only)
    async with (
        node.running(),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=DataPlaneApp(node.plane().answer)),
            base_url="http://origin",
            headers={"authorization": f"Bearer {key}"},
        ) as client,
    ):
        async with asyncio.timeout(10):
            await node.follower.until_ready()
        yield client


async def asked(client: httpx2.AsyncClient, *keys: str, segment: str = "vip") -> httpx2.Response:
    """Ask about *keys*."""
    body = {"environment": NAME, "keys": keys}
    return await client.post(f"/sync/v1/segments/{segment}/members", json=body)


class TestFollowers:
    @pytest.mark.parametrize("streams_only", [False, True])
    async def test_answered(self, tmp_path: Path, streams_only: bool) -> None:
        """Who is in and who is out, from the database, with and without the API."""
        async with an_external_segment(tmp_path) as api:
            changed = await change(api, add=["ada"], exclude=["bob"])
            async with a_follower(api, streams_only=streams_only) as client:
                said = decode((await asked(client, "ada", "bob", "cleo")).content, MembersAnswer)

        assert (said.in_, said.out) == (("ada",), ("bob",))
        assert said.generation == changed["generation"]

    async def test_as_of(self, tmp_path: Path) -> None:
        """It is as of the environment's version, however long its members have stayed the same."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            later = await api.patch(SEGMENT, {"rules": [{"id": "all", "when": []}]})
            async with a_follower(api) as client:
                said = decode((await asked(client, "ada")).content, MembersAnswer)

        assert said.generation < said.version
        assert said.as_of == later["version"]

    async def test_before_the_first(self, tmp_path: Path) -> None:
        """A segment that never had members has none, as of version 0."""
        async with an_external_segment(tmp_path) as api, a_follower(api) as client:
            said = decode((await asked(client, "ada")).content, MembersAnswer)

        assert (said.in_, said.out, said.generation) == ((), (), 0)

    async def test_not_external(self, tmp_path: Path) -> None:
        """A segment that keeps its members in itself has none to be asked about."""
        async with an_external_segment(tmp_path) as api:
            await api.post("/projects/shop/segments", {"key": "plain"})
            async with a_follower(api) as client:
                assert (await asked(client, "ada", segment="plain")).status_code == 404
                assert (await asked(client, "ada", segment="none")).status_code == 404
