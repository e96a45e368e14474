"""What nodes are told of who is a member."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from pennon.errors import NotFound
from pennon.origin.changelog import positions
from pennon.origin.members.asking import MembersInDatabase
from tests.builders.api import PRODUCTION, Api
from tests.builders.members import an_external_segment, change

NAME = "shop/production"


async def refused(api: Api, environment: str = NAME, segment: str = "vip") -> bool:
    """Return whether nothing is known of a segment."""
    with pytest.raises(NotFound):
        await MembersInDatabase(api.origin.database)(environment, segment, ["ada"])
    return True


class TestMembersInDatabase:
    async def test_tells_who_is_in_and_who_is_out(self, tmp_path: Path) -> None:
        """In the order in which they were asked for, as of the environment's version."""
        async with an_external_segment(tmp_path) as api:
            ask = MembersInDatabase(api.origin.database)
            before = await ask(NAME, "vip", ["ada"])
            changed = await change(api, add=["ada", "bob"], exclude=["eve"])
            await api.post("/projects/shop/segments", {"key": "other"})
            after = await ask(NAME, "vip", ["eve", "bob", "zoe", "ada", "\0", "x" * 2000])
            here = (await api.origin.read(partial(positions, environments=[NAME])))[NAME].position

        assert (before.generation, before.in_, before.out) == (0, (), ())
        assert (after.in_, after.out) == (("bob", "ada"), ("eve",))
        assert after.generation == changed["generation"]
        assert (after.epoch, after.version) == (here.epoch, here.version)

    async def test_knows_what_followers_know(self, tmp_path: Path) -> None:
        """Not what is elsewhere, or not external, or archived."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])

            assert await refused(api, environment="shop/staging")
            assert await refused(api, environment="ghost/production")
            assert await refused(api, segment="ghost")
            await api.patch(PRODUCTION, {"archived": True})
            assert await refused(api)
            await api.patch(PRODUCTION, {"archived": False})
            await api.patch("/projects/shop/segments/vip", {"archived": True})
            assert await refused(api)
