"""Lists of flags: searched, filtered, sorted, and cut into pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pennon.origin.paging import encode_cursor
from tests.builders.api import PRODUCTION, STAGING, Api, a_new_flag, a_shop, a_string_flag, faults

SHOP = "/projects/shop"
LISTS = pytest.mark.parametrize("where", [SHOP, PRODUCTION], ids=["project", "environment"])
SORTS = ["key", "-key", "createdAt", "-createdAt", "updatedAt", "-updatedAt"]


async def keys(api: Api, where: str, **query: Any) -> list[str]:
    """Return the keys of the flags that a list shows."""
    return [flag["key"] for flag in (await api.get(f"{where}/flags", **query))["items"]]


async def pages(api: Api, where: str, **query: Any) -> list[list[str]]:
    """Return the keys of every page of a list, by following `next`."""
    page = await api.get(f"{where}/flags", **query)
    found = [page]
    while page["next"] is not None:
        page = await api.get(f"{where}/flags", cursor=page["next"], **query)
        found.append(page)
    return [[flag["key"] for flag in one["items"]] for one in found]


async def touch(api: Api, key: str) -> None:
    """Change a flag in its project, a second later."""
    api.clock.now += 1000
    await api.patch(f"{SHOP}/flags/{key}", {"description": f"at {api.clock.now}"})


class TestFilters:
    @LISTS
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "CHECK"}, ["checkout", "engine"]),
            ({"q": "100%_"}, ["dark-mode"]),
            ({"tag": "ui"}, ["checkout", "dark-mode"]),
            ({"tag": ["ui", "beta"]}, ["dark-mode"]),
            ({"tag": "u"}, []),
            ({"owner": "ada"}, ["engine"]),
            ({"owner": "Ada"}, []),
            ({"type": "string"}, ["engine"]),
            ({"temporary": "true"}, ["checkout"]),
            ({"temporary": "false"}, ["dark-mode", "engine"]),
            ({"type": "boolean", "tag": "ui", "q": "dark"}, ["dark-mode"]),
        ],
        ids=str,
    )
    async def test_show_what_meets_them_all(
        self, tmp_path: Path, where: str, query: dict[str, Any], found: list[str]
    ) -> None:
        """Text in any case, tags and owners exactly."""
        flags = [
            a_new_flag("checkout", tags=["ui"], temporary=True),
            a_new_flag("dark-mode", tags=["ui", "beta"], description="for 100%_ of them"),
            a_string_flag(name="Checks engines", owner="ada"),
        ]
        async with a_shop(tmp_path, *flags) as api:
            assert await keys(api, where, **query) == found

    @LISTS
    async def test_know_what_has_changed(self, tmp_path: Path, where: str) -> None:
        """A flag is found by what it has now, and by nothing that it had."""
        async with a_shop(tmp_path, a_new_flag(tags=["old", "kept"], owner="ada")) as api:
            await api.patch(
                f"{SHOP}/flags/checkout",
                {"tags": ["kept", "new"], "owner": "bob", "temporary": True},
            )
            queries: list[dict[str, Any]] = [
                {"tag": "old"},
                {"owner": "ada"},
                {"temporary": "false"},
                {"tag": ["kept", "new"], "owner": "bob", "temporary": "true"},
            ]
            found = [await keys(api, where, **query) for query in queries]

        assert found == [[], [], [], ["checkout"]]

    async def test_a_tag_that_is_said_twice_is_one(self, tmp_path: Path) -> None:
        """Also where a flag has it twice."""
        async with a_shop(tmp_path, a_new_flag(tags=["ui", "ui"])) as api:
            assert await keys(api, SHOP, tag=["ui", "ui"]) == ["checkout"]


class TestState:
    async def test_in_an_environment_is_that_of_the_flag_there(self, tmp_path: Path) -> None:
        """A flag may be on in one and off in another."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            await api.patch(f"{STAGING}/flags/a", {"enabled": True})
            found = {
                (where, state): await keys(api, where, state=state)
                for where in (PRODUCTION, STAGING)
                for state in ("on", "off")
            }

        assert found == {
            (PRODUCTION, "on"): [],
            (PRODUCTION, "off"): ["a", "b"],
            (STAGING, "on"): ["a"],
            (STAGING, "off"): ["b"],
        }

    async def test_in_a_project_is_that_of_any_environment(self, tmp_path: Path) -> None:
        """A flag is off when it is on nowhere."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            await api.patch(f"{STAGING}/flags/a", {"enabled": True})
            found = [await keys(api, SHOP, state=state) for state in ("on", "off")]

        assert found == [["a"], ["b"]]

    async def test_in_a_project_tells_only_of_what_may_be_seen(self, tmp_path: Path) -> None:
        """Who may not look at an environment is not told what is on there."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(f"{PRODUCTION}/flags/checkout", {"enabled": True})
            new = {"role": "viewer", "scope": ["shop/staging"]}
            token = (await api.post("/tokens", new))["secret"]
            api.client.headers["authorization"] = f"Bearer {token}"
            found = [await keys(api, SHOP, state=state) for state in ("on", "off")]

        assert found == [[], ["checkout"]]

    @LISTS
    async def test_archived_is_one(self, tmp_path: Path, where: str) -> None:
        """It is what `archived=true` shows; other lists leave it out."""
        async with a_shop(tmp_path, a_new_flag("kept"), a_new_flag("gone")) as api:
            await api.patch(f"{SHOP}/flags/gone", {"archived": True})
            found = [await keys(api, where, state=state) for state in ("archived", "off")]

        assert found == [["gone"], ["kept"]]


class TestOrder:
    @LISTS
    async def test_is_as_asked(self, tmp_path: Path, where: str) -> None:
        """By key, or by a time with the key for those of one moment."""
        async with a_shop(tmp_path, a_new_flag("b"), a_new_flag("a")) as api:
            api.clock.now += 1000
            await api.post(f"{SHOP}/flags", a_new_flag("c"))
            await touch(api, "b")
            found = {sort: "".join(await keys(api, where, sort=sort)) for sort in SORTS}

        assert found == {
            "key": "abc",
            "-key": "cba",
            "createdAt": "abc",
            "-createdAt": "cba",
            "updatedAt": "acb",
            "-updatedAt": "bca",
        }

    async def test_by_change_counts_the_environments_own(self, tmp_path: Path) -> None:
        """As `updatedAt` does in the answer; the project's list knows nothing of it."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            await touch(api, "b")
            api.clock.now += 1000
            await api.patch(f"{PRODUCTION}/flags/a", {"enabled": True})
            found = [
                await keys(api, where, sort="-updatedAt") for where in (PRODUCTION, STAGING, SHOP)
            ]

        assert found == [["a", "b"], ["b", "a"], ["b", "a"]]

    @LISTS
    @pytest.mark.parametrize("sort", SORTS)
    async def test_pages_are_the_list_in_pieces(
        self, tmp_path: Path, where: str, sort: str
    ) -> None:
        """Under every order, with many of one moment."""
        async with a_shop(tmp_path, *(a_new_flag(key) for key in "cAb-a")) as api:
            await touch(api, "b")
            await touch(api, "A")
            whole = await keys(api, where, sort=sort)
            found = await pages(api, where, sort=sort, limit=2)

        assert [len(page) for page in found] == [2, 2, 1]
        assert [key for page in found for key in page] == whole

    @LISTS
    async def test_a_page_follows_the_last_row_and_not_its_number(
        self, tmp_path: Path, where: str
    ) -> None:
        """A flag that is changed while one turns the pages moves no other."""
        async with a_shop(tmp_path, *(a_new_flag(key) for key in "abcd")) as api:
            first = await api.get(f"{where}/flags", sort="-updatedAt", limit=2)
            await touch(api, "a")
            rest = await keys(api, where, sort="-updatedAt", cursor=first["next"])

        assert [flag["key"] for flag in first["items"]] == ["d", "c"]
        assert rest == ["b"]


class TestBadQueries:
    @LISTS
    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ({"sort": "name"}, "expected one of '-createdAt', '-key', '-lastRequestedAt'"),
            ({"state": "maybe"}, "expected one of 'archived', 'off', 'on', got 'maybe'"),
            ({"type": "number"}, "expected one of 'boolean', 'float', 'integer', 'json', 'string'"),
            ({"temporary": "maybe"}, "Expected `bool"),
            ({"cursor": "?"}, "expected the `next` of an earlier page"),
            ({"cursor": encode_cursor("{}")}, "expected the `next` of an earlier page"),
            (
                {"cursor": encode_cursor('{"sort":"key","key":"a","at":1}')},
                "expected the `next` of an earlier page",
            ),
            ({"old": "true"}, "unknown field"),
        ],
        ids=str,
    )
    async def test_are_told_what_there_is(
        self, tmp_path: Path, where: str, query: dict[str, str], message: str
    ) -> None:
        """The fault is at the parameter."""
        async with a_shop(tmp_path) as api:
            problem = await api.get(f"{where}/flags", status=400, **query)

        assert faults(problem) == [f"?{name}" for name in query]
        assert message in problem["errors"][0]["message"]

    @LISTS
    async def test_a_cursor_belongs_to_its_order(self, tmp_path: Path, where: str) -> None:
        """Under another it would skip what it has not shown."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            page = await api.get(f"{where}/flags", sort="createdAt", limit=1)
            problem = await api.get(
                f"{where}/flags", status=400, sort="-createdAt", cursor=page["next"]
            )

        assert faults(problem) == ["?cursor"]
