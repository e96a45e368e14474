"""Changes that are made when their time comes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pennon.origin.bus.memory import MemoryBus
from pennon.origin.db import Database
from pennon.origin.schedules.executing import GRACE, execute_due, execute_for_ever
from pennon.origin.services import Origin
from tests.builders.api import PRODUCTION, Api, Json, a_shop, a_string_flag
from tests.builders.databases import a_database_url
from tests.builders.origin import NOON
from tests.builders.people import a_browser, a_user, sign_in

ENGINE = f"{PRODUCTION}/flags/engine"
SCHEDULES = f"{PRODUCTION}/schedules"
HOUR = 60 * 60 * 1000
TURN_ON: Json = {"kind": "turnOn"}


def at(milliseconds: int) -> str:
    """Return a time so long after noon."""
    return datetime.fromtimestamp((NOON + milliseconds) / 1000, UTC).isoformat()


async def schedule(api: Api, status: int = 201, **fields: Any) -> Json:
    """Return the answer to scheduling `turnOn` an hour after noon, unless *fields* differ."""
    body = {"flag": "engine", "at": at(HOUR), "instructions": [TURN_ON], **fields}
    return await api.post(SCHEDULES, {k: v for k, v in body.items() if v is not None}, status)


async def schedule_window(api: Api, **fields: Any) -> Json:
    """Return the answer to a window from one hour after noon to two."""
    times = {"onAt": at(HOUR), "offAt": at(2 * HOUR)}
    return await schedule(api, **{"at": None, "instructions": None, **times, **fields})


async def later(api: Api, milliseconds: int) -> None:
    """Let time pass, and an origin look at what is due."""
    api.clock.now += milliseconds
    await execute_due(api.origin)


async def shown(api: Api, created: Json) -> Json:
    """Return a schedule as it is by now."""
    return await api.get(f"{SCHEDULES}/{created['id']}")


async def actions(api: Api, count: int) -> list[str]:
    """Return what was done last, newest first."""
    records = await api.get("/projects/shop/audit", limit=count)
    return [record["action"] for record in records["items"]]


class TestExecution:
    async def test_waits_for_the_time(self, tmp_path: Path) -> None:
        """Not a millisecond early."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            created = await schedule(api)
            await later(api, HOUR - 1)
            early = await api.get(ENGINE)
            await later(api, 1)
            flag = await api.get(ENGINE)
            done = await shown(api, created)

        assert (early["enabled"], flag["enabled"]) == (False, True)
        assert (done["status"], done["done"]) == ("done", 1)

    async def test_is_told_as_its_authors(self, tmp_path: Path) -> None:
        """With the comment given when it was scheduled."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await schedule(api, comment="for the sale")
            await later(api, HOUR)
            change, executed, created = (await api.get("/projects/shop/audit", limit=3))["items"]

        told = [one["action"] for one in (change, executed, created)]
        assert told == ["flag.updated", "schedule.executed", "schedule.created"]
        assert change["actor"]["name"] == created["actor"]["name"] == "tests"
        assert change["comment"] == "for the sale"

    async def test_is_done_once_by_several_origins(self, tmp_path: Path) -> None:
        """They race for each step on one database; one of them has it, whole."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            for number in range(5):
                add = {"kind": "addTargets", "variation": "b", "keys": [f"key-{number}"]}
                await schedule(api, instructions=[add])
            api.clock.now += HOUR
            version = (await api.get(ENGINE))["version"]
            async with Database.open(a_database_url(tmp_path)) as other:
                origins = [api.origin, Origin(other, MemoryBus(), api.clock)]
                await asyncio.gather(*(execute_due(one) for one in origins * 2))
            flag = await api.get(ENGINE)
            done = await actions(api, 10)

        assert flag["version"] == version + 5
        assert done == ["flag.updated", "schedule.executed"] * 5

    async def test_is_not_lost_while_no_origin_runs(self, tmp_path: Path) -> None:
        """What was missed is done at the start."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await schedule(api)
            api.clock.now += 24 * HOUR
            rounds = asyncio.Event()

            async def rest(_seconds: float) -> None:
                rounds.set()
                await asyncio.Event().wait()

            running = asyncio.create_task(execute_for_ever(api.origin, sleep=rest))
            await rounds.wait()
            running.cancel()
            flag = await api.get(ENGINE)

        assert flag["enabled"]

    @pytest.mark.parametrize(("late", "status"), [(GRACE, "done"), (GRACE + 1, "missed")])
    async def test_can_be_skipped_if_it_was_missed(
        self, tmp_path: Path, late: int, status: str
    ) -> None:
        """A greeting for noon is not sent in the evening; a moment late is not missed."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            created = await schedule(api, ifMissed="skip")
            await later(api, HOUR + late)
            flag = await api.get(ENGINE)
            over = await shown(api, created)

        assert over["status"] == status
        assert flag["enabled"] == (status == "done")

    async def test_what_cannot_be_done_any_more_says_why(self, tmp_path: Path) -> None:
        """It is over, nothing of it is done, and what is due behind it is done."""
        update = {"kind": "updateRule", "ruleId": "one", "name": "Uno"}
        rules = [{"id": "one", "serve": {"variation": "b"}}]
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch(ENGINE, {"rules": rules})
            created = await schedule(api, instructions=[{**TURN_ON}, update])
            await schedule(api, instructions=[{"kind": "setTrack", "track": "all"}])
            await api.patch(ENGINE, {"rules": []})
            await later(api, HOUR)
            flag = await api.get(ENGINE)
            failed = await shown(api, created)

        assert (failed["status"], failed["done"]) == ("failed", 0)
        assert "$.instructions[1].ruleId" in failed["error"]
        assert (flag["enabled"], flag["track"]) == (False, "all")

    async def test_what_needs_approval_by_then_is_not_done(self, tmp_path: Path) -> None:
        """No schedule goes round it, neither one from before."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            created = await schedule(api)
            await api.patch(PRODUCTION, {"approvals": {"required": 1}})
            await later(api, HOUR)
            flag = await api.get(ENGINE)
            failed = await shown(api, created)
            await schedule(api, 409, at=at(3 * HOUR))

        assert not flag["enabled"]
        assert failed["status"] == "failed"


class TestAuthor:
    """What may be done when the time comes is what its author may do by then."""

    @pytest.mark.parametrize(
        "change",
        [
            {"grants": []},
            {"grants": [{"role": "viewer", "scope": "*"}]},
            {"grants": [{"role": "editor", "scope": ["shop/staging"]}]},
            {"disabled": True},
        ],
    )
    async def test_a_user_who_lost_the_role_changes_nothing(
        self, tmp_path: Path, change: Json
    ) -> None:
        """Not by what was arranged before, signed in or with a token of their own."""
        async with a_shop(tmp_path, a_string_flag()) as api, a_browser(api) as browser:
            user = await api.post("/users", a_user())
            await sign_in(browser)
            body = {"flag": "engine", "at": at(HOUR), "instructions": [TURN_ON]}
            made = await browser.post(f"/api/v1{SCHEDULES}", json=body)
            await api.patch(f"/users/{user['id']}", change)
            await later(api, HOUR)
            flag = await api.get(ENGINE)
            failed = await shown(api, made.json())

        assert not flag["enabled"]
        assert (failed["status"], failed["done"]) == ("failed", 0)
        assert "'ada' may not make this change any more" in failed["error"]

    @pytest.mark.parametrize("ended", [{"revoked": True}, {"expiresAt": at(HOUR)}, {}])
    async def test_a_token_that_ended_changes_nothing(self, tmp_path: Path, ended: Json) -> None:
        """Revoked or expired; one that still holds does."""
        token: Json = {"role": "editor", "scope": ["shop/production"]}
        revoked = ended.get("revoked", False)
        async with a_shop(tmp_path, a_string_flag()) as api:
            given = await api.post("/tokens", token | ({} if revoked else ended))
            body = {"flag": "engine", "at": at(HOUR), "instructions": [TURN_ON]}
            await api.client.post(
                f"/api/v1{SCHEDULES}",
                json=body,
                headers={"authorization": f"Bearer {given['secret']}"},
            )
            if revoked:
                await api.patch(f"/tokens/{given['id']}", ended)
            await later(api, HOUR)
            flag = await api.get(ENGINE)

        assert flag["enabled"] == (not ended)

    async def test_a_window_that_has_begun_ends(self, tmp_path: Path) -> None:
        """It was allowed as a whole; half of it would leave the flag on for ever."""
        window = {"flag": "engine", "onAt": at(HOUR), "offAt": at(2 * HOUR)}
        async with a_shop(tmp_path, a_string_flag()) as api, a_browser(api) as browser:
            user = await api.post("/users", a_user())
            await sign_in(browser)
            await browser.post(f"/api/v1{SCHEDULES}", json=window)
            await later(api, HOUR)
            await api.patch(f"/users/{user['id']}", {"disabled": True})
            begun = await api.get(ENGINE)
            await later(api, HOUR)
            over = await api.get(ENGINE)

        assert (begun["enabled"], over["enabled"]) == (True, False)


class TestWindow:
    async def test_is_on_between_its_times(self, tmp_path: Path) -> None:
        """Each end is a step of one schedule."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            created = await schedule_window(api)
            states = []
            for _ in range(3):
                states.append((await api.get(ENGINE))["enabled"])
                await later(api, HOUR)
            done = await shown(api, created)

        assert states == [False, True, False]
        assert (done["status"], done["done"]) == ("done", 2)

    async def test_that_has_begun_also_ends(self, tmp_path: Path) -> None:
        """However late: what is skipped if missed is the beginning."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await schedule_window(api, ifMissed="skip")
            await later(api, HOUR)
            await later(api, 24 * HOUR)
            flag = await api.get(ENGINE)

        assert not flag["enabled"]

    async def test_that_was_missed_whole_leaves_the_flag_off(self, tmp_path: Path) -> None:
        """Its steps are carried out in their order, at once."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            created = await schedule_window(api)
            await later(api, 24 * HOUR)
            flag = await api.get(ENGINE)
            done = await shown(api, created)

        assert (flag["enabled"], done["done"]) == (False, 2)


class TestCancel:
    async def test_leaves_what_was_done(self, tmp_path: Path) -> None:
        """And nothing more happens."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            created = await schedule_window(api)
            await later(api, HOUR)
            path = f"{SCHEDULES}/{created['id']}/cancel"
            cancelled = await api.ask("POST", path, status=200)
            await later(api, HOUR)
            flag = await api.get(ENGINE)
            await api.ask("POST", path, status=409)

        assert (cancelled["status"], cancelled["done"]) == ("cancelled", 1)
        assert flag["enabled"]


class TestCreate:
    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"at": at(0)}, "$.at"),
            ({"at": "9999-12-31T23:59:59-14:00"}, "$.at"),
            ({"at": "2026-11-22T13:00:00"}, "$.at"),
            ({"at": None}, "$"),
            ({"onAt": at(HOUR)}, "$"),
            ({"at": None, "instructions": None, "onAt": at(2), "offAt": at(2)}, "$.offAt"),
            ({"instructions": [{"kind": "setDefault", "variation": "z"}]}, "$.instructions[0]"),
            ({"instructions": []}, "$.instructions"),
        ],
    )
    async def test_refuses_what_cannot_be(self, tmp_path: Path, fields: Json, path: str) -> None:
        """A time that is over or cannot be; half a window; instructions that fail now."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            before = await api.everything()
            problem = await schedule(api, 400, **fields)

            assert await api.everything() == before
        assert problem["errors"][0]["path"].startswith(path)

    async def test_changes_nothing_yet(self, tmp_path: Path) -> None:
        """And shows the steps that are to come."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            before = await api.published("shop/production")
            created = await schedule_window(api)
            listed = await api.get(f"{SCHEDULES}?status=pending")

            assert await api.published("shop/production") == before
        assert [step["instructions"] for step in created["steps"]] == [
            [{"kind": "turnOn"}],
            [{"kind": "turnOff"}],
        ]
        assert listed["items"] == [created]
