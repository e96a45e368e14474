"""Projects over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.api import Json, an_api, faults


class TestCreateProject:
    async def test_a_created_project_can_be_read(self, tmp_path: Path) -> None:
        """What the creation answered is what a read answers."""
        async with an_api(tmp_path) as api:
            created = await api.post("/projects", {"key": "shop", "name": "Shop"})
            found = await api.get("/projects/shop")

        assert created == found
        assert (found["key"], found["name"]) == ("shop", "Shop")

    async def test_says_where_it_is(self, tmp_path: Path) -> None:
        """The answer to a creation carries the address of what was created."""
        async with an_api(tmp_path) as api:
            answer = await api.client.post("/api/v1/projects", json={"key": "shop"})

        assert answer.headers["location"] == "/api/v1/projects/shop"

    async def test_a_taken_key_is_a_conflict(self, tmp_path: Path) -> None:
        """Nothing is overwritten."""
        async with an_api(tmp_path) as api:
            await api.post("/projects", {"key": "shop", "name": "first"})
            before = await api.everything()
            problem = await api.post("/projects", {"key": "shop", "name": "second"}, 409)

            assert await api.everything() == before
        assert problem["type"] == "urn:pennon:problem:already-exists"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"key": ""},
            {"key": "Shop"},
            {"key": "-shop"},
            {"key": "shop/x"},
            {"key": "$access"},
            {"key": "shop\n"},
            {"key": "x" * 65},
            {"key": 5},
            {"key": None},
        ],
    )
    async def test_a_key_is_a_slug(self, tmp_path: Path, body: Json) -> None:
        """Keys become file names and parts of addresses."""
        async with an_api(tmp_path) as api:
            problem = await api.post("/projects", body, 400)

        assert faults(problem) == ["$.key"]


class TestListProjects:
    async def test_pages_cover_all_in_order(self, tmp_path: Path) -> None:
        """Following `next` gives every project once."""
        keys = ["a", "b", "c", "d", "e"]
        async with an_api(tmp_path) as api:
            for key in reversed(keys):
                await api.post("/projects", {"key": key})
            pages = await api.pages("/projects", limit=2)

        seen = [[project["key"] for project in page] for page in pages]
        assert seen == [["a", "b"], ["c", "d"], ["e"]]

    async def test_a_search_finds_keys_and_texts(self, tmp_path: Path) -> None:
        """In any case, and `%` is just a character."""
        async with an_api(tmp_path) as api:
            await api.post("/projects", {"key": "shop", "name": "Web SHOP"})
            await api.post("/projects", {"key": "blog", "description": "100% words"})
            found = {
                q: [project["key"] for project in (await api.get("/projects", q=q))["items"]]
                for q in ("web shop", "BLOG", "100%", "%", "x")
            }

        assert found == {
            "web shop": ["shop"],
            "BLOG": ["blog"],
            "100%": ["blog"],
            "%": ["blog"],
            "x": [],
        }

    @pytest.mark.parametrize(
        ("query", "path"),
        [
            ({"limit": "0"}, "?limit"),
            ({"limit": "201"}, "?limit"),
            ({"limit": "many"}, "?limit"),
            ({"cursor": "ü"}, "?cursor"),
            ({"cursor": "_w"}, "?cursor"),
            ({"page": "2"}, "?page"),
        ],
    )
    async def test_a_wrong_parameter_is_named(
        self, tmp_path: Path, query: dict[str, str], path: str
    ) -> None:
        """A typo in a query is an error as it is in a body."""
        async with an_api(tmp_path) as api:
            problem = await api.get("/projects", status=400, **query)

        assert faults(problem) == [path]

    async def test_a_parameter_is_given_once(self, tmp_path: Path) -> None:
        """Of two, neither is guessed."""
        async with an_api(tmp_path) as api:
            problem = await api.get("/projects?limit=1&limit=2", status=400)

        assert faults(problem) == ["?limit"]


class TestUpdateProject:
    async def test_changes_what_is_named(self, tmp_path: Path) -> None:
        """The rest stays."""
        async with an_api(tmp_path) as api:
            await api.post("/projects", {"key": "shop", "name": "Shop", "description": "old"})
            api.clock.now += 1000
            changed = await api.patch("/projects/shop", {"description": "new"})

        assert (changed["name"], changed["description"]) == ("Shop", "new")
        assert changed["updatedAt"] > changed["createdAt"]

    async def test_the_key_cannot_change(self, tmp_path: Path) -> None:
        """It stands in addresses, keys and files."""
        async with an_api(tmp_path) as api:
            await api.post("/projects", {"key": "shop"})
            problem = await api.patch("/projects/shop", {"key": "store"}, 400)

        assert "cannot be changed" in problem["errors"][0]["message"]

    async def test_an_unknown_project_is_not_found(self, tmp_path: Path) -> None:
        """For a read and for a change."""
        async with an_api(tmp_path) as api:
            await api.get("/projects/shop", status=404)
            problem = await api.patch("/projects/shop", {"name": "x"}, 404)

        assert problem["detail"] == "There is no project 'shop'."
