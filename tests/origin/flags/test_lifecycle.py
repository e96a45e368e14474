"""What lists know of a flag's use: when it was asked for, its status, whether it is stale."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pennon.origin.evaluations.rollup import DAY_MS, HOUR_MS
from tests.builders.api import PRODUCTION, Api, Json, a_new_flag, a_shop, faults
from tests.builders.events import a_batch, a_count

PROJECT = "/projects/shop"
PLACES = pytest.mark.parametrize("where", [PROJECT, PRODUCTION], ids=["project", "environment"])


async def ask_for(api: Api, flag: str, *variations: str, environment: str = "production") -> None:
    """Have edges tell that *flag* was asked for just now, and served *variations*."""
    minute = api.clock.now - api.clock.now % 60_000
    batch = a_batch(
        *(a_count(1, flag, variation, minute=minute) for variation in variations or ("on",)),
        at=api.clock.now,
        environment=f"shop/{environment}",
    )
    await api.origin.intake.take(batch)


async def listed(api: Api, where: str, query: dict[str, Any], code: int = 200) -> Json:
    return await api.ask("GET", f"{where}/flags", status=code, params=query)


async def keys(api: Api, where: str, **query: Any) -> list[str]:
    return [flag["key"] for flag in (await listed(api, where, query))["items"]]


async def status(api: Api, flag: str = "checkout") -> str:
    """Return a flag's status in production."""
    items = (await api.get(f"{PRODUCTION}/flags"))["items"]
    return str(next(one["status"] for one in items if one["key"] == flag))


class TestRequested:
    @PLACES
    async def test_filters(self, tmp_path: Path, where: str) -> None:
        """Lists keep what was asked for, never, before or since a time."""
        async with a_shop(tmp_path, *map(a_new_flag, ("never", "old", "recent"))) as api:
            await ask_for(api, "old")
            api.clock.now += DAY_MS
            await ask_for(api, "recent")
            noon = "2026-11-23T00:00:00Z"

            assert await keys(api, where, requested="false") == ["never"]
            assert await keys(api, where, requested="true") == ["old", "recent"]
            assert await keys(api, where, requestedBefore=noon) == ["never", "old"]
            assert await keys(api, where, requestedSince=noon) == ["recent"]
            assert await keys(api, where, requestedSince=noon, requestedBefore=noon) == []

    @PLACES
    async def test_sorts(self, tmp_path: Path, where: str) -> None:
        """In order of it, those never asked for come first; pages fit together."""
        async with a_shop(tmp_path, *map(a_new_flag, "abcd")) as api:
            for flag in "cad":
                await ask_for(api, flag)
                api.clock.now += HOUR_MS
            forth = await keys(api, where, sort="lastRequestedAt")
            first = await api.get(f"{where}/flags", sort="-lastRequestedAt", limit=2)
            then = await api.get(
                f"{where}/flags", sort="-lastRequestedAt", limit=2, cursor=first["next"]
            )

        assert forth == ["b", "c", "a", "d"]
        assert [one["key"] for one in first["items"] + then["items"]] == ["d", "a", "c", "b"]

    @PLACES
    async def test_shown(self, tmp_path: Path, where: str) -> None:
        """An item says when, and null for never."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            await ask_for(api, "a")
            items = (await api.get(f"{where}/flags"))["items"]

        assert [one["lastRequestedAt"] for one in items] == ["2026-11-22T12:00:00Z", None]

    async def test_elsewhere(self, tmp_path: Path) -> None:
        """What staging asks for is known in the project, and not in production."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await ask_for(api, "checkout", environment="staging")

            assert await keys(api, PROJECT, requested="true") == ["checkout"]
            assert await keys(api, PRODUCTION, requested="true") == []

    @pytest.mark.parametrize(
        "query", [{"requested": "x"}, {"requestedBefore": "yesterday"}, {"status": "old"}]
    )
    async def test_bad_query(self, tmp_path: Path, query: dict[str, Any]) -> None:
        """The fault is at the parameter."""
        async with a_shop(tmp_path) as api:
            problem = await listed(api, PRODUCTION, query, 400)

        assert faults(problem) == [f"?{name}" for name in query]

    @pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
    async def test_odd_times(self, tmp_path: Path, time: str) -> None:
        """Any time can be compared with."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await keys(api, PRODUCTION, requestedBefore=time)
            since = await keys(api, PRODUCTION, requestedSince=time)

        assert sorted([*before, *since]) == ["checkout"]


class TestStatus:
    async def test_of_a_life(self, tmp_path: Path) -> None:
        """New, then inactive unless it is asked for; launched when all get one thing for long."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            found = [await status(api)]
            api.clock.now += 8 * DAY_MS
            found.append(await status(api))
            await ask_for(api, "checkout", "on", "off")
            found.append(await status(api))
            for _ in range(9):
                api.clock.now += DAY_MS
                await ask_for(api, "checkout", "on")
            found.append(await status(api))
            await api.patch(f"{PRODUCTION}/flags/checkout", {"enabled": True})
            found.append(await status(api))
            api.clock.now += 8 * DAY_MS
            found.append(await status(api))

        assert found == ["new", "inactive", "active", "launched", "active", "inactive"]

    async def test_filter(self, tmp_path: Path) -> None:
        """Lists keep those of a status; a project's, where it is so in any environment."""
        async with a_shop(tmp_path, a_new_flag("old")) as api:
            api.clock.now += 8 * DAY_MS
            await api.post("/projects/shop/flags", a_new_flag("young"))
            await ask_for(api, "old", "on", "off", environment="staging")
            found = {
                name: (
                    await keys(api, PRODUCTION, status=name),
                    await keys(api, PROJECT, status=name),
                )
                for name in ("new", "active", "launched", "inactive")
            }

        assert found == {
            "new": (["young"], ["young"]),
            "active": ([], ["old"]),
            "launched": ([], []),
            "inactive": (["old"], ["old"]),
        }


class TestStale:
    async def test_what_could_go(self, tmp_path: Path) -> None:
        """What is temporary, quiet, and required by nothing; what is used elsewhere may stay."""
        flags = [
            a_new_flag("permanent"),
            *(a_new_flag(key, temporary=True) for key in ("needed", "quiet", "staged", "used")),
            a_new_flag("user"),
        ]
        async with a_shop(tmp_path, *flags) as api:
            for environment in ("production", "staging"):
                await api.patch(
                    f"{PROJECT}/environments/{environment}/flags/user",
                    {"requires": [{"flag": "needed", "is": ["on"]}]},
                )
            before = await keys(api, PRODUCTION, stale="true")
            api.clock.now += 8 * DAY_MS
            await ask_for(api, "used", "on", "off")
            await ask_for(api, "staged", "on", "off", environment="staging")

            assert before == []
            assert await keys(api, PRODUCTION, stale="true") == ["quiet", "staged"]
            assert await keys(api, PROJECT, stale="true") == ["quiet"]
            assert await keys(api, PROJECT, stale="false") == [
                "needed",
                "permanent",
                "staged",
                "used",
                "user",
            ]
            shown = (await api.get(f"{PRODUCTION}/flags"))["items"]

        assert [one["key"] for one in shown if one["stale"]] == ["quiet", "staged"]
