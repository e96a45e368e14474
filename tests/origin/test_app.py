"""An origin as a node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx2

from pennon.origin.app import OriginNode
from pennon.origin.changelog import latest_changes
from pennon.origin.settings import OriginSettings
from tests.builders.api import STAGING, Api, a_new_flag, a_shop

NAME = "shop/staging"


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    """Return once what another task brings about is so."""
    async with asyncio.timeout(5):
        while True:
            if await met():
                return
            await asyncio.sleep(0)  # the other tasks' turn


@asynccontextmanager
async def a_follower(api: Api) -> AsyncGenerator[httpx2.AsyncClient]:
    """Run the origin as a node, and give a client with a relay key for everything."""
    key = (await api.post("/keys", {"kind": "relay", "environments": "*"}))["secret"]
    node = OriginNode(api.origin, OriginSettings())
    async with (
        node.running(),
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=node.app()),
            base_url="http://origin",
            headers={"authorization": f"Bearer {key}"},
        ) as client,
    ):
        async with asyncio.timeout(5):
            await node.follower.until_ready()
        yield client


class TestRunning:
    async def test_keeps_the_changelog_bounded(self, tmp_path: Path) -> None:
        """By what the settings say."""
        flags = [a_new_flag(f"flag-{n}") for n in range(5)]
        async with a_shop(tmp_path, *flags) as api:
            changes = partial(latest_changes, environment=NAME, limit=9)

            async def is_pruned() -> bool:
                return len(await api.origin.read(changes)) == 2

            async with OriginNode(api.origin, OriginSettings(keep_changes=2)).running():
                await until(is_pruned)
            kept = await api.origin.read(changes)

        assert [change.key for change in kept] == ["flag-3", "flag-4"]


class TestArchivedEnvironment:
    async def test_cannot_be_asked_for(self, tmp_path: Path) -> None:
        """To its followers it does not exist until it is brought back."""
        async with a_shop(tmp_path, a_new_flag()) as api, a_follower(api) as client:

            async def answers(status: int) -> bool:
                answer = await client.get("/sync/v1/datafile", params={"environment": NAME})
                return answer.status_code == status

            before = await answers(200)
            await api.patch(STAGING, {"archived": True})
            await until(partial(answers, 404))
            await api.patch(STAGING, {"archived": False})
            await until(partial(answers, 200))

        assert before
