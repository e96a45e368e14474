"""Archiving environments, and bringing them back."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.model.codec import decode_flag
from pennon.model.position import ACCESS
from tests.builders.api import PRODUCTION, STAGING, Api, Json, a_new_flag, a_shop, faults

NAME = "shop/staging"


async def archive(api: Api, path: str = STAGING) -> Json:
    """Archive an environment or a project."""
    return await api.patch(path, {"archived": True})


async def bring_back(api: Api, path: str = STAGING) -> Json:
    """Bring an environment or a project back."""
    return await api.patch(path, {"archived": False})


async def offered(api: Api) -> set[str]:
    """Return the environments that every node is told of."""
    access = await api.published(ACCESS)
    return {name for kind, name in access.items if kind == "environment"}


class TestArchive:
    async def test_every_node_is_told_to_let_go(self, tmp_path: Path) -> None:
        """Its name goes from `$access`; others stay."""
        async with a_shop(tmp_path) as api:
            archived = await archive(api)

            assert await offered(api) == {"shop/production"}
        assert archived["archived"]

    async def test_what_it_holds_stays(self, tmp_path: Path) -> None:
        """Not a version is taken in it, and it can still be read."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.published(NAME)
            await archive(api)
            flags = await api.get(f"{STAGING}/flags")

            assert await api.published(NAME) == before
        assert [flag["key"] for flag in flags["items"]] == ["checkout"]

    async def test_lists_hide_it(self, tmp_path: Path) -> None:
        """Unless they are asked for what is archived."""
        async with a_shop(tmp_path) as api:
            await archive(api)
            shown = await api.get("/projects/shop/environments")
            hidden = await api.get("/projects/shop/environments", archived="true")

        assert [one["key"] for one in shown["items"]] == ["production"]
        assert [one["key"] for one in hidden["items"]] == ["staging"]

    @pytest.mark.parametrize(
        ("path", "patch"),
        [
            (STAGING, {"name": "Stage"}),
            (f"{STAGING}/flags/checkout", {"enabled": True}),
            (f"{STAGING}/segments/beta", {"include": [{"keys": ["ada"]}]}),
        ],
    )
    async def test_nothing_in_it_changes(self, tmp_path: Path, path: str, patch: Json) -> None:
        """The error says what to do first; no row moves."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            await archive(api)
            before = await api.everything()
            problem = await api.patch(path, patch, 409)

            assert await api.everything() == before
        assert problem["detail"].startswith("The environment 'shop/staging' is archived.")

    async def test_archiving_again_is_nothing(self, tmp_path: Path) -> None:
        """As with every patch that changes nothing."""
        async with a_shop(tmp_path) as api:
            await archive(api)
            before = await api.everything()
            await archive(api)

            assert await api.everything() == before

    async def test_an_archived_one_is_not_created(self, tmp_path: Path) -> None:
        """A new environment is there to be used."""
        async with a_shop(tmp_path) as api:
            body = {"key": "test", "archived": True}
            problem = await api.post("/projects/shop/environments", body, 400)

        assert faults(problem) == ["$.archived"]

    async def test_is_on_record(self, tmp_path: Path) -> None:
        """Both ways, with what every node was told of it."""
        async with a_shop(tmp_path) as api:
            await archive(api)
            await bring_back(api)
            records = (await api.get("/projects/shop/audit", limit=2))["items"]
            told = (await api.published(ACCESS)).position.version

        assert [record["action"] for record in records] == [
            "environment.unarchived",
            "environment.archived",
        ]
        assert [record["versions"] for record in records] == [{ACCESS: told}, {ACCESS: told - 1}]


class TestWhileArchived:
    async def test_changes_of_the_project_still_reach_it(self, tmp_path: Path) -> None:
        """It comes back as if it had never been away, its versions going on."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = (await api.published(NAME)).position.version
            await archive(api)
            await api.patch("/projects/shop/flags/checkout", {"metadata": {"team": "web"}})
            await api.post("/projects/shop/flags", a_new_flag("search"))
            await bring_back(api)
            whole = await api.published(NAME)

        flag = decode_flag(whole.items["flag", "checkout"])
        assert flag.metadata == {"team": "web"}
        assert ("flag", "search") in whole.items
        assert whole.position.version == before + 2

    async def test_what_it_needs_cannot_go(self, tmp_path: Path) -> None:
        """Else it could not come back: a flag in it would require what is no more."""
        needs = {"requires": [{"flag": "checkout", "is": ["on"]}]}
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("pay")) as api:
            await api.patch(f"{STAGING}/flags/pay", needs)
            await archive(api)
            problem = await api.patch("/projects/shop/flags/checkout", {"archived": True}, 409)

        assert "the flag 'pay' in shop/staging" in problem["detail"]

    async def test_no_key_is_made_for_it(self, tmp_path: Path) -> None:
        """A key that opens nothing is a mistake, and is named as one."""
        body = {"kind": "relay", "environments": ["shop/production", NAME]}
        async with a_shop(tmp_path) as api:
            await archive(api)
            before = await api.everything()
            problem = await api.post("/keys", body, 400)

            assert await api.everything() == before
        assert problem["errors"] == [
            {
                "path": "$.environments[1]",
                "message": "'shop/staging' is archived; bring it back first",
            }
        ]

    async def test_its_keys_can_be_revoked(self, tmp_path: Path) -> None:
        """A leak does not wait for the environment to come back."""
        async with a_shop(tmp_path) as api:
            key = await api.post("/keys", {"kind": "server", "environments": [NAME]})
            await archive(api)
            changed = await api.patch(f"/keys/{key['id']}", {"revoked": True})

        assert changed["revoked"]


class TestBringBack:
    async def test_every_node_is_told(self, tmp_path: Path) -> None:
        """Its name is an item of `$access` again, and it can be changed."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await archive(api)
            back = await bring_back(api)
            await api.patch(f"{STAGING}/flags/checkout", {"enabled": True})

            assert await offered(api) == {"shop/production", NAME}
        assert not back["archived"]

    async def test_may_come_with_other_changes(self, tmp_path: Path) -> None:
        """One patch, one record."""
        async with a_shop(tmp_path) as api:
            await archive(api)
            back = await api.patch(STAGING, {"archived": False, "name": "Stage"})

        assert (back["archived"], back["name"]) == (False, "Stage")


class TestArchiveProject:
    async def test_takes_its_environments_from_every_node(self, tmp_path: Path) -> None:
        """Those of other projects stay."""
        async with a_shop(tmp_path) as api:
            await api.post("/projects", {"key": "blog"})
            await api.post("/projects/blog/environments", {"key": "production"})
            await archive(api, "/projects/shop")

            assert await offered(api) == {"blog/production"}

    async def test_brings_back_those_that_it_took(self, tmp_path: Path) -> None:
        """An environment that was archived by itself stays archived."""
        async with a_shop(tmp_path) as api:
            await archive(api, STAGING)
            await archive(api, "/projects/shop")
            await bring_back(api, "/projects/shop")
            staging = await api.get(STAGING)

            assert await offered(api) == {"shop/production"}
        assert staging["archived"]

    async def test_its_environments_are_not_archived_themselves(self, tmp_path: Path) -> None:
        """What is said of each stays what it was."""
        async with a_shop(tmp_path) as api:
            await archive(api, "/projects/shop")
            found = await api.get(PRODUCTION)

        assert not found["archived"]

    async def test_lists_hide_it(self, tmp_path: Path) -> None:
        """Unless they are asked for what is archived."""
        async with a_shop(tmp_path) as api:
            await api.post("/projects", {"key": "blog"})
            await archive(api, "/projects/shop")
            shown = await api.get("/projects")
            hidden = await api.get("/projects", archived="true")

        assert [one["key"] for one in shown["items"]] == ["blog"]
        assert [(one["key"], one["archived"]) for one in hidden["items"]] == [("shop", True)]

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "/projects/shop", {"name": "Shop"}),
            ("POST", "/projects/shop/environments", {"key": "test"}),
            ("PATCH", PRODUCTION, {"name": "Live"}),
            ("PATCH", PRODUCTION, {"archived": True}),
            ("POST", "/projects/shop/flags", a_new_flag("search")),
            ("PATCH", "/projects/shop/flags/checkout", {"name": "Checkout"}),
            ("PATCH", f"{PRODUCTION}/flags/checkout", {"enabled": True}),
            ("POST", "/projects/shop/segments", {"key": "gamma"}),
            ("PATCH", "/projects/shop/segments/beta", {"name": "Beta"}),
            ("PATCH", f"{PRODUCTION}/segments/beta", {"include": [{"keys": ["ada"]}]}),
        ],
        ids=str,
    )
    async def test_nothing_in_it_changes(
        self, tmp_path: Path, method: str, path: str, body: Json
    ) -> None:
        """The error says that the project must be brought back first; no row moves."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            await archive(api, "/projects/shop")
            before = await api.everything()
            problem = await api.ask(method, path, status=409, json=body)

            assert await api.everything() == before
        assert problem["detail"].startswith("The project 'shop' is archived.")

    async def test_no_key_is_made_for_it(self, tmp_path: Path) -> None:
        """Its environments are not served, whatever is said of each."""
        async with a_shop(tmp_path) as api:
            await archive(api, "/projects/shop")
            body = {"kind": "server", "environments": ["shop/production"]}
            problem = await api.post("/keys", body, 400)

        assert faults(problem) == ["$.environments[0]"]

    async def test_is_on_record(self, tmp_path: Path) -> None:
        """Both ways, on the project's own chain."""
        async with a_shop(tmp_path) as api:
            await archive(api, "/projects/shop")
            await bring_back(api, "/projects/shop")
            records = (await api.get("/projects/shop/audit", limit=2))["items"]

        assert [record["action"] for record in records] == [
            "project.unarchived",
            "project.archived",
        ]
