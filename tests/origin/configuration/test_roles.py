"""Who may see a project as a document, plan another and apply it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.builders.api import Api, Json, a_new_flag, a_shop
from tests.builders.configuration import applied, done, exported, planned


class TestRoles:
    """Each thing takes the role that it takes alone."""

    async def ask(self, api: Api, role: str, *scope: str) -> None:
        """Go on with a token of that role."""
        granted: Any = "*" if scope == ("*",) else list(scope)
        token = await api.post("/tokens", {"role": role, "scope": granted})
        api.client.headers["authorization"] = f"Bearer {token['secret']}"

    async def test_a_viewer_plans_and_does_not_apply(self, tmp_path: Path) -> None:
        """And is told what is lacking."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            asked["flags"]["checkout"]["environments"]["staging"]["enabled"] = True
            await self.ask(api, "viewer", "shop")
            plan = await planned(api, asked)
            await applied(api, asked, status=403)

        assert plan["valid"]
        assert plan["lacking"] == ["the role 'editor' on shop/staging"]

    async def test_an_editor_of_one_environment_changes_that(self, tmp_path: Path) -> None:
        """The document is of what the token may see, and the plan of what it may change."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await self.ask(api, "editor", "shop/staging")
            asked = await exported(api)
            flag = asked["flags"]["checkout"]
            del asked["project"]
            flag["environments"]["staging"]["enabled"] = True
            result = await applied(api, asked)
            flag["description"] = "The way out"
            await planned(api, asked, status=403)

        assert list(asked["environments"]) == ["staging"]
        assert done(result) == ["change flag checkout"]

    async def test_what_may_not_be_seen_may_not_be_planned(self, tmp_path: Path) -> None:
        """A plan tells what is there."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            await self.ask(api, "editor", "shop/staging")
            await planned(api, asked, status=403)

    async def test_an_editor_makes_no_environment(self, tmp_path: Path) -> None:
        """Nor a project, nor changes what is said of them."""
        async with a_shop(tmp_path) as api:
            await self.ask(api, "editor", "*")
            environment = await planned(api, {"environments": {"qa": {}}})
            project = await planned(api, {"project": {"name": "New"}}, "new")
            said = await planned(api, {"environments": {"staging": {"name": "S"}}})

        assert [one["lacking"] for one in (environment, project, said)] == [
            ["the role 'admin' on shop"],
            ["the role 'admin' on everything"],
            ["the role 'admin' on shop/staging"],
        ]

    async def test_a_role_that_was_taken_meanwhile_counts(self, tmp_path: Path) -> None:
        """Whatever was planned with it, applying asks again."""
        async with a_shop(tmp_path) as api:
            asked: Json = {"flags": {"a": {"type": "boolean"}}}
            plan = (await planned(api, asked))["plan"]
            await self.ask(api, "editor", "shop/staging")
            await api.ask(
                "POST",
                "/projects/shop/configuration/apply",
                status=403,
                json={"configuration": asked, "plan": plan},
            )
