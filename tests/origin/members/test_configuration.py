"""External segments in a project's configuration, which has no members."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.builders.api import Api, Json
from tests.builders.members import MEMBERS, an_external_segment, change, keys_of

CONFIGURATION = "/projects/shop/configuration"


async def planned(api: Api, configuration: Json) -> Any:
    """Return what a configuration would change."""
    return await api.post(f"{CONFIGURATION}/plan", {"configuration": configuration}, 200)


class TestConfiguration:
    async def test_says_external_and_no_member(self, tmp_path: Path) -> None:
        """Applied as it is, it leaves the members as they are."""
        async with an_external_segment(tmp_path, kind="device") as api:
            await change(api, add=["ada"])
            found = await api.get(CONFIGURATION)
            plan = await planned(api, found)
            page = await api.get(MEMBERS)

        held = found["segments"]["vip"]["environments"]["production"]
        assert held == {"external": {"kind": "device"}}
        assert (plan["valid"], plan["changes"]) == (True, [])
        assert keys_of(page) == ["+ada"]

    async def test_cannot_take_external_from_a_segment_with_members(self, tmp_path: Path) -> None:
        """The plan says so, and where; without members it can."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            found = await api.get(CONFIGURATION)
            found["segments"]["vip"]["environments"]["production"] = {}
            refused = await planned(api, found)
            await change(api, remove=["ada"])
            agreed = await planned(api, found)

        (error,) = refused["errors"]
        assert error["path"].endswith('.segments["vip"].environments["production"].external')
        assert agreed["valid"]
