"""Environments over HTTP."""

from __future__ import annotations

from pathlib import Path

from pennon.model.position import ACCESS
from pennon.origin.changelog import positions
from tests.builders.api import PRODUCTION, a_new_flag, a_shop, a_string_flag, an_api


class TestCreateEnvironment:
    async def test_is_told_to_every_node(self, tmp_path: Path) -> None:
        """Its name is an item of `$access`."""
        async with a_shop(tmp_path) as api:
            access = await api.published(ACCESS)

        assert access.items["environment", "shop/production"] == b'{"key":"shop/production"}'

    async def test_has_every_flag_switched_off(self, tmp_path: Path) -> None:
        """A flag starts in a new environment as it did in the first."""
        flag = a_string_flag(off="b", default={"variation": "c"})
        async with a_shop(tmp_path, flag) as api:
            await api.patch(f"{PRODUCTION}/flags/engine", {"enabled": True, "off": None})
            await api.post("/projects/shop/environments", {"key": "test"})
            found = await api.get("/projects/shop/environments/test/flags/engine")
            whole = await api.published("shop/test")

        assert (found["enabled"], found["off"], found["default"]) == (
            False,
            "b",
            {"variation": "c"},
        )
        assert list(whole.items) == [("flag", "engine")]

    async def test_has_every_segment_without_members(self, tmp_path: Path) -> None:
        """Who belongs to a segment is said in each environment."""
        async with a_shop(tmp_path) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            await api.patch(f"{PRODUCTION}/segments/beta", {"include": [{"keys": ["ada"]}]})
            await api.post("/projects/shop/environments", {"key": "test"})
            found = await api.get("/projects/shop/environments/test/segments/beta")

        assert found["include"] == []

    async def test_archived_flags_are_not_published(self, tmp_path: Path) -> None:
        """They come to the new environment when they are brought back."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            await api.post("/projects/shop/environments", {"key": "test"})
            before = await api.published("shop/test")
            await api.patch("/projects/shop/flags/checkout", {"archived": False})
            after = await api.published("shop/test")

        assert (list(before.items), list(after.items)) == ([], [("flag", "checkout")])

    async def test_a_taken_key_is_a_conflict(self, tmp_path: Path) -> None:
        """Nothing is overwritten."""
        async with a_shop(tmp_path) as api:
            before = await api.everything()
            await api.post("/projects/shop/environments", {"key": "production"}, 409)

            assert await api.everything() == before

    async def test_belongs_to_a_project(self, tmp_path: Path) -> None:
        """Without the project there is nothing to create it in."""
        async with an_api(tmp_path) as api:
            problem = await api.post("/projects/shop/environments", {"key": "test"}, 404)

        assert problem["detail"] == "There is no project 'shop'."


class TestUpdateEnvironment:
    async def test_no_follower_is_told(self, tmp_path: Path) -> None:
        """A name is for people; no version is taken for it."""
        async with a_shop(tmp_path) as api:
            before = await api.origin.read(positions)
            changed = await api.patch(PRODUCTION, {"name": "Live"})

            assert await api.origin.read(positions) == before
        assert changed["name"] == "Live"

    async def test_lists_those_of_its_project(self, tmp_path: Path) -> None:
        """In order of their keys."""
        async with a_shop(tmp_path) as api:
            await api.post("/projects", {"key": "blog"})
            await api.post("/projects/blog/environments", {"key": "production"})
            page = await api.get("/projects/shop/environments")

        assert [one["key"] for one in page["items"]] == ["production", "staging"]
