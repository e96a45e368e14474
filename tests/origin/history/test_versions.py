"""The versions of a flag and a segment, and what is different in them."""

from __future__ import annotations

from pathlib import Path

from pennon.origin.authors import COMMENT_HEADER
from tests.builders.api import PRODUCTION, STAGING, Api, Json, a_new_flag, a_shop, faults

FLAG = f"{PRODUCTION}/flags/checkout"
SEGMENT = f"{PRODUCTION}/segments/beta"


def numbers(page: Json) -> list[int]:
    """Return the numbers of the versions on a page."""
    return [one["version"] for one in page["items"]]


async def switch(api: Api, *, on: bool, path: str = FLAG) -> int:
    """Switch a flag and return the version that it took."""
    version: int = (await api.patch(path, {"enabled": on}))["version"]
    return version


class TestListVersions:
    async def test_tells_who_changed_what_and_why(self, tmp_path: Path) -> None:
        """Newest first; the words are those of the audit log."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.ask(
                "PATCH",
                FLAG,
                status=200,
                json={"enabled": True, "track": "all"},
                headers={COMMENT_HEADER: "Let%20them%20in"},
            )
            page = await api.get(f"{FLAG}/versions")

        newest, first = page["items"]
        assert newest["version"] == first["version"] + 1
        assert newest["by"]["name"] == "tests"
        assert newest["comment"] == "Let them in"
        assert newest["changed"] == ["enabled", "track"]
        assert newest["summary"] == ["turned on", "sends all exposures as events"]
        assert (first["action"], first["changed"]) == ("flag.created", [])
        assert page["next"] is None

    async def test_other_environments_have_versions_of_their_own(self, tmp_path: Path) -> None:
        """A change in one is no version in another."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await switch(api, on=True)
            there = await api.get(f"{STAGING}/flags/checkout/versions")

        assert numbers(there) == [1]

    async def test_each_version_names_the_change_that_made_it(self, tmp_path: Path) -> None:
        """Also where one change made a version in every environment."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch("/projects/shop/flags/checkout", {"metadata": {"a": 1}})
            pages = [
                await api.get(f"{one}/flags/checkout/versions") for one in (PRODUCTION, STAGING)
            ]

        for page in pages:
            assert [one["action"] for one in page["items"]] == ["flag.updated", "flag.created"]
            assert page["items"][0]["changed"] == ["metadata"]

    async def test_a_flag_that_was_archived_has_its_versions(self, tmp_path: Path) -> None:
        """Going away is a version, and so is coming back."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            for archived in (True, False):
                await api.patch("/projects/shop/flags/checkout", {"archived": archived})
            page = await api.get(f"{FLAG}/versions")

        assert [(one["action"], one["deleted"]) for one in page["items"]] == [
            ("flag.unarchived", False),
            ("flag.archived", True),
            ("flag.created", False),
        ]

    async def test_pages_hold_each_version_once(self, tmp_path: Path) -> None:
        """And what changed is known also across the end of a page."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            for on in (True, False, True, False):
                await switch(api, on=on)
            pages = await api.pages(f"{FLAG}/versions", limit=2)

        found = [one for page in pages for one in page]
        assert [one["version"] for one in found] == [5, 4, 3, 2, 1]
        assert [one["changed"] for one in found] == [["enabled"]] * 4 + [[]]

    async def test_a_flag_that_never_was_is_not_found(self, tmp_path: Path) -> None:
        """Nor is one in an environment that does not exist."""
        async with a_shop(tmp_path) as api:
            await api.get(f"{FLAG}/versions", status=404)
            await api.get("/projects/shop/environments/test/flags/checkout/versions", status=404)

    async def test_a_cursor_must_be_one_of_ours(self, tmp_path: Path) -> None:
        """Any other is bad input."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            problem = await api.get(f"{FLAG}/versions", status=400, cursor="bm8")

        assert faults(problem) == ["?cursor"]


class TestGetVersion:
    async def test_holds_what_was_published(self, tmp_path: Path) -> None:
        """With the version that it was published at."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            version = await switch(api, on=True)
            await switch(api, on=False)
            found = await api.get(f"{FLAG}/versions/{version}")

        assert found["item"]["enabled"] is True
        assert found["item"]["version"] == found["version"] == version
        assert found["summary"] == ["turned on"]

    async def test_answers_for_any_version_of_the_environment(self, tmp_path: Path) -> None:
        """With what the flag was then, whichever item that version changed."""
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("other")) as api:
            version = await switch(api, on=True, path=f"{PRODUCTION}/flags/other")
            found = await api.get(f"{FLAG}/versions/{version}")

        assert found["version"] == 1

    async def test_a_deleted_one_holds_nothing(self, tmp_path: Path) -> None:
        """It says so."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            found = await api.get(f"{FLAG}/versions/2")

        assert (found["deleted"], found["item"]) == (True, None)

    async def test_there_is_none_before_the_first_or_after_the_last(self, tmp_path: Path) -> None:
        """Nor one that is no number."""
        async with a_shop(tmp_path, a_new_flag("other"), a_new_flag()) as api:
            for version in ("0", "1", "3", "two", "02", "9" * 17):
                await api.get(f"{FLAG}/versions/{version}", status=404)


class TestDiff:
    async def test_shows_the_newest_change(self, tmp_path: Path) -> None:
        """Unless it is told which two are meant."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await switch(api, on=True)
            await api.patch(FLAG, {"track": "all"})
            newest = await api.get(f"{FLAG}/diff")
            all_ = await api.get(f"{FLAG}/diff", **{"from": 1})
            back = await api.get(f"{FLAG}/diff", **{"from": 2, "to": 1})

        assert newest == {
            "from": 2,
            "to": 3,
            "items": [{"path": "$.track", "before": "none", "after": "all"}],
        }
        assert [one["path"] for one in all_["items"]] == ["$.enabled", "$.track"]
        assert back["items"] == [{"path": "$.enabled", "before": True, "after": False}]

    async def test_shows_the_projects_part_too(self, tmp_path: Path) -> None:
        """Both decide what is served."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            on = {"name": "on", "value": True}
            variations = [{"name": "off", "value": False, "description": "x"}, on]
            await api.patch("/projects/shop/flags/checkout", {"variations": variations})
            shown = await api.get(f"{FLAG}/diff")

        assert shown["items"] == [
            {"path": '$.variations["off"].description', "before": None, "after": "x"}
        ]

    async def test_before_the_first_version_there_was_nothing(self, tmp_path: Path) -> None:
        """The whole flag is what came."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            shown = await api.get(f"{FLAG}/diff")

        (whole,) = shown["items"]
        assert "from" not in shown
        assert (whole["path"], whole["after"]["key"]) == ("$", "checkout")
        assert "before" not in whole

    async def test_two_versions_must_be_there(self, tmp_path: Path) -> None:
        """One still to come, and one before the flag, are not found."""
        async with a_shop(tmp_path, a_new_flag("other"), a_new_flag()) as api:
            for asked in ({"from": 1}, {"from": 3}, {"to": 3}, {"to": 1}):
                await api.get(f"{FLAG}/diff", status=404, **asked)


class TestSegments:
    async def test_have_a_history_as_flags_do(self, tmp_path: Path) -> None:
        """Versions, each of them, and what is different."""
        async with a_shop(tmp_path) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            await api.patch(SEGMENT, {"include": [{"keys": ["ada"]}]})
            await api.patch(SEGMENT, {"include": [{"keys": ["ada", "bob"]}]})
            page = await api.get(f"{SEGMENT}/versions")
            second = await api.get(f"{SEGMENT}/versions/2")
            shown = await api.get(f"{SEGMENT}/diff")

        assert numbers(page) == [3, 2, 1]
        assert [one["changed"] for one in page["items"]] == [["include"], ["include"], []]
        assert second["item"]["include"] == [{"keys": ["ada"]}]
        assert shown["items"] == [{"path": '$.include["user"].keys["bob"]', "after": "bob"}]

    async def test_a_flag_of_the_same_key_is_another_thing(self, tmp_path: Path) -> None:
        """Each has its own versions."""
        async with a_shop(tmp_path, a_new_flag("beta")) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            page = await api.get(f"{SEGMENT}/versions")

        assert numbers(page) == [2]
