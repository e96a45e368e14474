"""What becomes of the followers of an environment that is archived and brought back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from pennon.model.messages import Change, Contact, Message
from pennon.model.position import ACCESS, Position
from pennon.origin.changelog_source import ChangelogSource
from pennon.relay.follower import Follower
from tests.builders.api import STAGING, Api, a_new_flag, a_shop

LATER = 3600.0
NAME, OTHER = "shop/staging", "shop/production"


class Overheard:
    """A changelog source that tells the test what it is asked for."""

    def __init__(self, api: Api) -> None:
        origin = api.origin
        self._source = ChangelogSource(origin.database, origin.bus, api.clock, tick=LATER)
        self._asked: asyncio.Queue[frozenset[str]] = asyncio.Queue()

    async def messages(
        self, positions: Mapping[str, Position | None]
    ) -> AsyncGenerator[Message, None]:
        self._asked.put_nowait(frozenset(positions))
        async with aclosing(self._source.messages(positions)) as messages:
            async for message in messages:
                yield message

    async def until_asked_for(self, *environments: str) -> None:
        """Return once exactly `$access` and these are asked for."""
        async with asyncio.timeout(5):
            while await self._asked.get() != {ACCESS, *environments}:
                pass


class TestFollower:
    async def test_loses_and_regains_the_environment(self, tmp_path: Path) -> None:
        """It lets go when it is told to, and ends equal to what is published, changes included."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            source = Overheard(api)
            follower = Follower(source, lambda access: access.environments)
            async with follower:
                await source.until_asked_for(OTHER, NAME)
                await api.patch(STAGING, {"archived": True})
                await source.until_asked_for(OTHER)
                lost = NAME not in follower.replicas
                await api.patch("/projects/shop/flags/checkout", {"metadata": {"team": "web"}})
                await api.patch(STAGING, {"archived": False})
                await source.until_asked_for(OTHER, NAME)
                async with asyncio.timeout(5):
                    await follower.until_ready()
                held = follower.replicas.open(NAME).snapshot()
            whole = await api.published(NAME)

        assert lost
        assert (held.position, held.items) == (whole.position, whole.items)


class TestChangelogSource:
    async def test_who_kept_its_position_gets_changes_alone(self, tmp_path: Path) -> None:
        """The line of versions was never broken, so nothing is sent twice."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            kept = (await api.published(NAME)).position
            await api.patch(STAGING, {"archived": True})
            await api.patch("/projects/shop/flags/checkout", {"metadata": {"team": "web"}})
            await api.patch(STAGING, {"archived": False})
            await api.patch(f"{STAGING}/flags/checkout", {"enabled": True})
            found: list[Message] = []
            async with aclosing(Overheard(api).messages({NAME: kept})) as messages:
                async for message in messages:
                    if isinstance(message, Contact):
                        break
                    found.append(message)

        assert [type(message) for message in found[:2]] == [Change, Change]
        assert [message.position.version for message in found if isinstance(message, Change)] == [
            kept.version + 1,
            kept.version + 2,
        ]
