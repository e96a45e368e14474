"""The sample of contexts that an origin keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pennon.model.events import SeenContext
from pennon.origin.contexts.keeping import KEPT_MS, MOST
from pennon.origin.evaluations.pruning import prune
from tests.builders.api import PRODUCTION, STAGING, Api, a_shop
from tests.builders.events import a_sample, a_seen
from tests.builders.origin import NOON


async def take(api: Api, *seen: SeenContext, environment: str = "shop/production") -> None:
    await api.origin.intake.take(a_sample(*seen, at=api.clock.now, environment=environment))


async def kept(api: Api, where: str = PRODUCTION) -> list[dict[str, Any]]:
    """Return the attributes of the users that are kept."""
    return [one["kinds"]["user"] for one in (await api.get(f"{where}/contexts"))["items"]]


class TestKeeping:
    async def test_newest_first(self, tmp_path: Path) -> None:
        """Each context is kept once, as it was seen last."""
        async with a_shop(tmp_path) as api:
            await take(api, a_seen("ada", plan="free"), a_seen("bob", at=NOON - 5))
            await take(api, a_seen("ada", plan="pro", at=NOON - 1), a_seen("eve", at=NOON - 2))
            api.clock.now += 10
            await take(api, a_seen("bob", plan="pro", at=NOON + 7))
            answer = await api.get(f"{PRODUCTION}/contexts")

        assert [one["kinds"]["user"] for one in answer["items"]] == [
            {"key": "bob", "plan": "pro"},
            {"key": "ada", "plan": "free"},
            {"key": "eve"},
        ]
        assert answer["items"][0]["lastSeenAt"] == "2026-11-22T12:00:00.007000Z"

    async def test_by_environment(self, tmp_path: Path) -> None:
        """What is seen in one environment is not known in another, and nowhere that is not."""
        async with a_shop(tmp_path) as api:
            await take(api, a_seen("ada"))
            await take(api, a_seen("bob"), environment="none/none")

            assert (await kept(api), await kept(api, STAGING)) == ([{"key": "ada"}], [])
            assert len((await api.everything())["seen_contexts"]) == 1

    async def test_bounded(self, tmp_path: Path) -> None:
        """So many are kept of an environment, those that were seen last."""
        async with a_shop(tmp_path) as api:
            for start in range(0, MOST + 60, 40):
                await take(
                    api, *(a_seen(str(n), at=NOON - 1_000 + n) for n in range(start, start + 40))
                )
            found = await kept(api)

            assert len((await api.everything())["seen_contexts"]) == MOST
        assert found[0] == {"key": str(MOST + 79)}

    async def test_too_large(self, tmp_path: Path) -> None:
        """What an edge should not have sent is not kept."""
        async with a_shop(tmp_path) as api:
            await take(api, a_seen("ada", more="x" * 5_000), a_seen("bob"))

            assert await kept(api) == [{"key": "bob"}]

    async def test_forgotten(self, tmp_path: Path) -> None:
        """After a week nobody is shown any more, and then nobody is kept."""
        async with a_shop(tmp_path) as api:
            await take(api, a_seen())
            api.clock.now += KEPT_MS + 1

            assert await kept(api) == []
            await prune(api.origin.database, api.clock.now)
            assert (await api.everything())["seen_contexts"] == []
