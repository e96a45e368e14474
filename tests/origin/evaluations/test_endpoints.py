"""How often a flag served what, as the management API shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.origin.evaluations.rollup import DAY_MS, HOUR_MS
from tests.builders.api import PRODUCTION, STAGING, Api, a_new_flag, a_shop, faults
from tests.builders.events import a_batch, a_count
from tests.builders.origin import NOON

FLAG = f"{PRODUCTION}/flags/checkout"
PATH = f"{FLAG}/evaluations"


async def take(api: Api, *counts: object) -> None:
    await api.origin.intake.take(a_batch(*counts))  # type: ignore[arg-type]  # they are counts


class TestEvaluations:
    async def test_by_time(self, tmp_path: Path) -> None:
        """Each time has what was served in it, and the whole is added up, most frequent first."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(
                api,
                a_count(2),
                a_count(1, variation="off", minute=NOON - HOUR_MS),
                a_count(3, variation=None, reason="ERROR", minute=NOON - HOUR_MS),
            )
            shown = await api.get(PATH)

        assert (shown["from"], shown["to"]) == ("2026-11-21T13:00:00Z", "2026-11-22T13:00:00Z")
        assert shown["totals"] == [
            {"variation": None, "reason": "ERROR", "count": 3},
            {"variation": "on", "reason": "FALLTHROUGH", "count": 2},
            {"variation": "off", "reason": "FALLTHROUGH", "count": 1},
        ]
        assert [(item["at"], len(item["counts"])) for item in shown["items"]] == [
            ("2026-11-22T11:00:00Z", 2),
            ("2026-11-22T12:00:00Z", 1),
        ]

    async def test_last_requested(self, tmp_path: Path) -> None:
        """It says when the flag was last asked for there, null where it never was."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_count(minute=NOON - HOUR_MS))
            here = await api.get(PATH)
            there = await api.get(f"{STAGING}/flags/checkout/evaluations")

        assert here["lastRequestedAt"] == "2026-11-22T11:00:59.999000Z"
        assert there["lastRequestedAt"] is None

    @pytest.mark.parametrize(("resolution", "items"), [("minute", 1), ("hour", 2), ("day", 3)])
    async def test_resolution(self, tmp_path: Path, resolution: str, items: int) -> None:
        """Without times it is the last hour, day or month, as finely as asked."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            for before in (0, 2 * HOUR_MS, 25 * HOUR_MS, 3 * DAY_MS):
                await take(api, a_count(minute=NOON - before))
            shown = await api.get(PATH, resolution=resolution)

        assert len(shown["items"]) == items

    async def test_span(self, tmp_path: Path) -> None:
        """Times that are said are widened to whole buckets."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_count(5))
            asked = {"from": "2026-11-22T12:30:00Z", "to": "2026-11-22T12:31:00+00:00"}
            shown = await api.ask("GET", PATH, status=200, params=asked)

        assert (shown["from"], shown["to"]) == ("2026-11-22T12:00:00Z", "2026-11-22T13:00:00Z")
        assert shown["totals"][0]["count"] == 5

    @pytest.mark.parametrize(
        "query",
        [
            {"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T12:00:00Z"},
            {"from": "2020-11-22T12:00:00Z"},
            {"from": "2026-11-22T12:00:00"},
            {"to": "0001-01-01T00:00:00Z"},
            {"from": "9999-12-31T23:59:59Z", "to": "9999-12-31T23:59:59Z"},
            {"resolution": "second"},
        ],
    )
    async def test_bad_span(self, tmp_path: Path, query: dict[str, str]) -> None:
        """A time that is none, or that would be too much to answer, is the fault of the query."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            problem = await api.ask("GET", PATH, status=400, params=query)

        assert faults(problem)[0].startswith("?")

    async def test_not_found(self, tmp_path: Path) -> None:
        """A flag that there is not has no counts."""
        async with a_shop(tmp_path) as api:
            await api.get(PATH, status=404)
