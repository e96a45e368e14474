"""What is applied is what was planned, whoever was faster."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.builders.api import STAGING, Api, Json, a_new_flag, a_shop, faults
from tests.builders.configuration import applied, done, exported, planned, serving


class TestAgreement:
    """What is applied is what was planned."""

    async def test_a_plan_that_has_become_another_is_refused(self, tmp_path: Path) -> None:
        """Somebody was faster; nothing is changed."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            asked["flags"]["checkout"]["environments"]["staging"]["enabled"] = True
            plan = (await planned(api, asked))["plan"]
            rules = [{"id": "r", "serve": {"variation": "on"}}]
            await api.patch(f"{STAGING}/flags/checkout", {"rules": rules})
            before = await api.everything()
            await applied(api, asked, plan=plan, status=412)

            assert await api.everything() == before

    async def test_a_change_elsewhere_does_not_matter(self, tmp_path: Path) -> None:
        """Agreed to was the difference, and it is the same."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            asked: Json = {
                "flags": {"a": {"type": "boolean", "environments": {"staging": serving("on")}}}
            }
            plan = (await planned(api, asked))["plan"]
            await api.patch(f"{STAGING}/flags/b", {"enabled": True})

            assert done(await applied(api, asked, plan=plan)) == ["change flag a"]

    async def test_a_plan_of_something_else_is_refused(self, tmp_path: Path) -> None:
        """It names what it changes, whatever document that was of."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            asked: Json = {"flags": {"a": {"type": "boolean", "description": "A"}}}
            plan = (await planned(api, asked))["plan"]
            await applied(api, asked, plan=plan, prune=True, status=412)

    async def test_what_is_not_valid_is_refused_as_a_whole(self, tmp_path: Path) -> None:
        """Faults are the input's, 400; what the present state does not allow is a 409."""
        async with a_shop(tmp_path, a_new_flag("old")) as api:
            good = {"type": "boolean"}
            bad = {"type": "boolean", "off": "none"}
            await api.patch("/projects/shop/flags/old", {"archived": True})
            await api.ask("DELETE", "/projects/shop/flags/old", status=200)
            before = await api.everything()
            wrong = await applied(api, {"flags": {"a": good, "b": bad}}, status=400)
            await applied(api, {"flags": {"a": good, "old": good}}, status=409)

            assert await api.everything() == before
            assert faults(wrong) == ['$.configuration.flags["b"].off']

    async def test_many_at_once_lose_nothing(self, tmp_path: Path) -> None:
        """Those that were planned on what is no longer so are refused, and can plan again."""

        async def add(api: Api, number: int) -> None:
            asked: Json = {"flags": {f"flag-{number}": {"type": "boolean"}}}
            await applied(api, asked)

        async with a_shop(tmp_path) as api:
            await asyncio.gather(*(add(api, number) for number in range(8)))

            assert len((await exported(api))["flags"]) == 8


class TestSizes:
    async def test_a_whole_project_may_be_larger_than_a_thing(self, tmp_path: Path) -> None:
        """A body of this endpoint holds all of them, and is bounded as well."""
        path = "/api/v1/projects/shop/configuration/plan"
        headers = {"content-type": "application/json"}
        async with a_shop(tmp_path) as api:
            large = b'{"configuration": {}' + b" " * (2 * 1024 * 1024) + b"}"
            fits = await api.client.post(path, content=large, headers=headers)
            endless = b" " * (16 * 1024 * 1024 + 1)
            never = await api.client.post(path, content=endless, headers=headers)

        assert (fits.status_code, never.status_code) == (200, 413)
