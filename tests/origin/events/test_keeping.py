"""Exposures and custom events are kept: once each, and for a while."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pennon.model.events import EventBatch
from pennon.origin.evaluations.rollup import DAY_MS
from pennon.origin.events.purging import purge
from tests.builders.api import PRODUCTION, STAGING, Api, a_new_flag, a_shop
from tests.builders.events import (
    a_batch,
    a_count,
    a_custom_event,
    a_parcel,
    a_telling,
    an_exposure,
)
from tests.builders.origin import NOON


async def take(api: Api, *batches: EventBatch) -> None:
    for batch in batches:
        await api.origin.intake.take(batch)


async def items(api: Api, where: str = PRODUCTION, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.get(f"{where}/events", **query))["items"]
    return found


class TestExposures:
    async def test_first(self, tmp_path: Path) -> None:
        """Whoever tells of it, and in whatever order, an exposure is kept as of the first time."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(
                api,
                a_telling(exposures=(an_exposure(at=NOON - 5, rule="b"),)),
                a_telling(a_parcel(exposures=(an_exposure(at=NOON - 9, rule="a"),))),
                a_telling(exposures=(an_exposure(at=NOON - 7), an_exposure(at=NOON - 8))),
            )
            (kept,) = await items(api)

        assert (kept["at"], kept["ruleId"]) == ("2026-11-22T11:59:59.991000Z", "a")

    async def test_others(self, tmp_path: Path) -> None:
        """Another unit, variation, flag or version of it is another."""
        others: list[dict[str, Any]] = [
            {"key": "bob"},
            {"variation": "off"},
            {"version": 2},
            {"kind": "org"},
            {"flag": "g"},
        ]
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("g")) as api:
            seen = (an_exposure(), *(an_exposure(**other) for other in others))
            await take(api, a_telling(exposures=seen))

            assert len(await items(api)) == 6

    async def test_unknown(self, tmp_path: Path) -> None:
        """Flags and environments that there are not leave nothing behind."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(
                api,
                a_telling(exposures=(an_exposure(flag="none"),)),
                a_telling(a_parcel(a_custom_event()), environment="none/none"),
                a_telling(exposures=(an_exposure(),), environment="$access"),
            )
            rows = await api.everything()

        assert [rows[name] for name in ("exposures", "custom_events")] == [[], []]

    async def test_ahead(self, tmp_path: Path) -> None:
        """What has not come yet is now."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_telling(exposures=(an_exposure(at=NOON + DAY_MS),)))

            assert (await items(api))[0]["at"] == "2026-11-22T12:00:00Z"

    async def test_purged_flag(self, tmp_path: Path) -> None:
        """Another flag of the same name begins at nothing."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_telling(exposures=(an_exposure(),)))
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            await api.ask("DELETE", "/projects/shop/flags/checkout", status=200)
            assert len(await items(api)) == 1
            await api.ask("DELETE", "/projects/shop/deleted/flag/checkout", status=200)

            assert await items(api) == []


class TestParcels:
    async def test_once(self, tmp_path: Path) -> None:
        """A parcel that comes again, in whatever batch, adds nothing."""
        parcel = a_parcel(a_custom_event(), a_custom_event(), counts=(a_count(3),))
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_telling(parcel, parcel), a_telling(parcel))
            await asyncio.gather(*(take(api, a_telling(parcel)) for _ in range(3)))
            counted = await api.get(f"{PRODUCTION}/flags/checkout/evaluations")

            assert len(await items(api)) == 2
            assert [one["count"] for one in counted["totals"]] == [3]

    async def test_beside_counts(self, tmp_path: Path) -> None:
        """What a node counts and what clients count are one sum."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_batch(a_count(2)), a_telling(a_parcel(counts=(a_count(3),))))
            counted = await api.get(f"{PRODUCTION}/flags/checkout/evaluations")

        assert [one["count"] for one in counted["totals"]] == [5]

    async def test_text(self, tmp_path: Path) -> None:
        """What people write is kept as it is."""
        event = a_custom_event("Käse 🧀", units={"user": "\U0001f600"}, note="a\0b", many=2.5)
        async with a_shop(tmp_path) as api:
            await take(api, a_telling(a_parcel(event)))
            (kept,) = await items(api, unit="user:\U0001f600")

        assert (kept["name"], kept["properties"]) == ("Käse 🧀", {"note": "a\0b", "many": 2.5})

    async def test_longest(self, tmp_path: Path) -> None:
        """What is as long as it may be is kept, and found; of what is longer the rest is."""
        kind, key = "k" * 256, "\U0001f600" * 512
        event = a_custom_event("\U0001f600" * 128, units={kind: key, "user": "x" * 513, "\0": "a"})
        seen = an_exposure(key, "\U0001f600" * 256, kind=kind, rule="\U0001f600" * 256)
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_telling(a_parcel(event), exposures=(seen,)))

            assert len(await items(api)) == 2
            assert len(await items(api, unit=f"{kind}:{key}")) == 2
            assert len((await api.everything())["custom_event_units"]) == 1


class TestPurging:
    @pytest.mark.parametrize("most", [1, 1_000])
    async def test_all_that_is_old(self, tmp_path: Path, most: int) -> None:
        """In steps of any size, all that is too old goes, and nothing else."""
        ages = [n % 13 for n in range(60)]
        events = [a_custom_event(at=NOON - age * DAY_MS) for age in ages]
        seen = [an_exposure(f"u{n}", at=NOON - age * DAY_MS) for n, age in enumerate(ages)]
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_telling(a_parcel(*events), exposures=tuple(seen)))
            await purge(api.origin.database, NOON - 5 * DAY_MS, most)
            rows = await api.everything()

        kept = sum(age <= 5 for age in ages)
        for name in ("exposures", "custom_events", "custom_event_units"):
            assert len(rows[name]) == kept


class TestEverywhere:
    async def test_environments(self, tmp_path: Path) -> None:
        """What is told of one environment is not known in another."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await take(api, a_telling(a_parcel(a_custom_event()), exposures=(an_exposure(),)))

            assert (len(await items(api)), len(await items(api, STAGING))) == (2, 0)
