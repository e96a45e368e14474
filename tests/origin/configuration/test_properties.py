"""Whatever a project holds: taken out and put in elsewhere, it is the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.builders.api import Api, Json, an_api
from tests.builders.configuration import applied, exported, planned
from tests.builders.configuration_strategies import configurations


class TestProperties:
    """On the database that is quickest to make; `test_applying` asks both."""

    @given(first=configurations(), second=configurations())
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def test_a_project_is_what_its_configuration_says(self, first: Json, second: Json) -> None:
        """Applied, taken out, put in elsewhere and turned into another: nothing is different."""

        with TemporaryDirectory() as folder:
            asyncio.run(self.compare(Path(folder), first, second))

    async def compare(self, folder: Path, first: Json, second: Json) -> None:
        """Apply the one, and the other upon it."""
        async with an_api(folder) as api:
            await applied(api, first, "a")
            await applied(api, await exported(api, "a"), "b")
            assert await exported(api, "b") == await exported(api, "a")
            await self.apply_upon(api, second)

    async def apply_upon(self, api: Api, second: Json) -> None:
        """Let a project become another; flags of one key are of one type here."""
        await applied(api, second, "a", prune=True)
        found = await exported(api, "a")
        again: Any = await planned(api, second, "a", prune=True)
        itself = await planned(api, found, "a", prune=True)

        assert set(found["flags"]) == set(second["flags"])
        assert (again["changes"], itself["changes"]) == ([], [])
