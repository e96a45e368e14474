"""Change requests that are applied by themselves when their time comes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from pennon.origin.bus.memory import MemoryBus
from pennon.origin.db import Database
from pennon.origin.db.database import Work
from pennon.origin.requests.executing import apply_due
from pennon.origin.services import Origin
from tests.builders.api import PRODUCTION, Api, Json, a_shop, a_string_flag
from tests.builders.databases import a_database_url
from tests.builders.origin import NOON

T = TypeVar("T")

ENGINE = f"{PRODUCTION}/flags/engine"
REQUESTS = f"{PRODUCTION}/change-requests"
HOUR = 60 * 60 * 1000
TURN_ON: Json = {"kind": "turnOn"}
B: Json = {"variation": "b"}


def at(milliseconds: int) -> str:
    """Return a time so long after noon."""
    return datetime.fromtimestamp((NOON + milliseconds) / 1000, UTC).isoformat()


async def a_person(api: Api, role: str) -> Json:
    """Return a new token with *role* on everything."""
    return await api.post("/tokens", {"name": role, "role": role, "scope": "*"})


async def propose(api: Api, who: Json | None = None, status: int = 201, **fields: Any) -> Json:
    """Return the answer to proposing `turnOn` for an hour after noon, unless *fields* differ."""
    body = {"flag": "engine", "at": at(HOUR), "instructions": [TURN_ON], **fields}
    headers = {"authorization": f"Bearer {who['secret']}"} if who else {}
    return await api.ask("POST", REQUESTS, status=status, json=body, headers=headers)


async def approve(api: Api, request: Json) -> None:
    """Let another person approve a request."""
    who = await a_person(api, "approver")
    await api.ask(
        "POST",
        f"{REQUESTS}/{request['id']}/review",
        status=200,
        json={"verdict": "approve"},
        headers={"authorization": f"Bearer {who['secret']}"},
    )


async def protect(api: Api) -> None:
    """Let production require an approval."""
    await api.patch(PRODUCTION, {"approvals": {"required": 1}})


async def later(api: Api, milliseconds: int) -> None:
    """Let time pass, and an origin look at what is due."""
    api.clock.now += milliseconds
    await apply_due(api.origin)


async def shown(api: Api, request: Json) -> Json:
    """Return a request as it is by now."""
    return await api.get(f"{REQUESTS}/{request['id']}")


class Noting(Database):
    """A database that notes in which line it is written to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.lines: list[str | None] = []

    async def read(self, work: Work[T]) -> T:
        return await self._database.read(work)

    async def write(self, work: Work[T], line: str | None = None) -> T:
        self.lines.append(line)
        return await self._database.write(work, line)

    async def check(self) -> None:
        await self._database.check()

    async def close(self) -> None:
        """It is another's."""


class TestAt:
    async def test_is_applied_at_its_time(self, tmp_path: Path) -> None:
        """Not a millisecond early, as a change of who proposed it."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await protect(api)
            request = await propose(api, comment="for the sale")
            await approve(api, request)
            await later(api, HOUR - 1)
            early = await api.get(ENGINE)
            await later(api, 1)
            flag = await api.get(ENGINE)
            done = await shown(api, request)
            applied, change = (await api.get("/projects/shop/audit", limit=2))["items"]

        assert (early["enabled"], flag["enabled"]) == (False, True)
        assert (done["status"], done["version"]) == ("applied", flag["version"])
        assert [applied["action"], change["action"]] == ["request.applied", "flag.updated"]
        assert (change["actor"]["name"], change["comment"]) == ("tests", "for the sale")

    async def test_schedules_a_segment(self, tmp_path: Path) -> None:
        """Also where nobody has to approve it."""
        add = {"kind": "addMembers", "list": "include", "keys": ["ada"]}
        async with a_shop(tmp_path) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            body = {"segment": "beta", "at": at(HOUR), "instructions": [add]}
            await api.post(REQUESTS, body)
            await later(api, HOUR)
            segment = await api.get(f"{PRODUCTION}/segments/beta")

        assert segment["include"] == [{"keys": ["ada"]}]

    async def test_is_not_applied_by_hand(self, tmp_path: Path) -> None:
        """What was approved for Friday night is not made on Thursday."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            request = await propose(api)
            problem = await api.ask("POST", f"{REQUESTS}/{request['id']}/apply", status=409)

        assert "13:00:00 UTC" in problem["detail"]

    @pytest.mark.parametrize(
        "time", [at(0), "2026-11-22T13:00:00", "9999-12-31T23:59:59-14:00", "soon"]
    )
    async def test_is_a_time_to_come(self, tmp_path: Path, time: str) -> None:
        """With its offset, in a year that can be written."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            problem = await propose(api, status=400, at=time)

        assert problem["errors"][0]["path"] == "$.at"

    async def test_is_applied_once_by_several_origins(self, tmp_path: Path) -> None:
        """They race on one database; the other finds it applied."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            asked = [TURN_ON, {"kind": "setTrack", "track": "all"}, {"kind": "setOff"} | B]
            requests = [await propose(api, instructions=[one]) for one in asked]
            version = (await api.get(ENGINE))["version"]
            api.clock.now += HOUR
            async with Database.open(a_database_url(tmp_path)) as other:
                origins = [api.origin, Origin(other, MemoryBus(), api.clock)]
                await asyncio.gather(*(apply_due(one) for one in origins * 2))
            flag = await api.get(ENGINE)
            statuses = [(await shown(api, one))["status"] for one in requests]

        assert flag["version"] == version + 3
        assert statuses == ["applied"] * 3

    async def test_takes_its_turn_among_the_changes_of_its_project(self, tmp_path: Path) -> None:
        """Elsewhere it would hold what they wait for, and wait for what they hold."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await protect(api)
            await propose(api)
            await approve(api, await propose(api))
            api.clock.now += HOUR
            noting = Noting(api.origin.database)
            await apply_due(Origin(noting, MemoryBus(), api.clock))

        assert set(noting.lines) == {"shop"}


class TestFailure:
    """Nothing is made, the reason is told, and what is due behind it is not held up."""

    async def failed(self, api: Api, request: Json) -> str:
        await later(api, HOUR)
        after = await shown(api, request)
        assert after["status"] == "failed"
        assert not (await api.get(ENGINE))["enabled"]
        return str(after["error"])

    async def test_without_approval(self, tmp_path: Path) -> None:
        """Time alone approves nothing."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await protect(api)
            error = await self.failed(api, await propose(api))

        assert "0 of the 1 approvals" in error

    async def test_once_it_would_do_something_else(self, tmp_path: Path) -> None:
        """What was approved is what it did when it was proposed."""
        on = {"kind": "setDefault"} | B
        async with a_shop(tmp_path, a_string_flag()) as api:
            request = await propose(api, instructions=[TURN_ON, on])
            await api.patch(ENGINE, {"default": {"variation": "c"}})
            error = await self.failed(api, request)

        assert "no longer what was proposed" in error

    async def test_of_who_has_lost_the_role(self, tmp_path: Path) -> None:
        """As of any other schedule."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            who = await a_person(api, "editor")
            request = await propose(api, who)
            await api.patch(f"/tokens/{who['id']}", {"revoked": True})
            error = await self.failed(api, request)

        assert "may not make this change any more" in error

    async def test_in_an_archived_environment(self, tmp_path: Path) -> None:
        """It is over too: nobody would want it on the day that the environment comes back."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            request = await propose(api)
            await api.patch(PRODUCTION, {"archived": True})
            error = await self.failed(api, request)

        assert "archived" in error
