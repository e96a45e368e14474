"""Going back to an earlier version, as a new one."""

from __future__ import annotations

from pathlib import Path

from tests.builders.api import PRODUCTION, STAGING, Api, Json, a_new_flag, a_shop, a_string_flag

CHECKOUT, ENGINE = f"{PRODUCTION}/flags/checkout", f"{PRODUCTION}/flags/engine"
PART = ("enabled", "off", "requires", "targets", "rules", "default", "track")


def part(flag: Json) -> Json:
    """Return what a flag's environment has for itself."""
    return {name: flag[name] for name in PART}


async def roll_back(api: Api, path: str, version: int, status: int = 200) -> Json:
    """Roll an item back."""
    return await api.post(f"{path}/rollback", {"version": version}, status=status)


class TestRollBack:
    async def test_restores_whom_the_flag_served(self, tmp_path: Path) -> None:
        """All of it, as a new version, and nowhere else."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            full = {
                "enabled": True,
                "off": "c",
                "targets": [{"variation": "b", "keys": ["ada"]}],
                "rules": [{"id": "all", "serve": {"variation": "a"}}],
                "default": {"variation": "b"},
                "track": "all",
            }
            then = await api.patch(ENGINE, full)
            await api.patch(
                ENGINE,
                {"enabled": False, "targets": None, "rules": None, "track": None, "off": "a"},
            )
            elsewhere = await api.get(f"{STAGING}/flags/engine")
            answer = await roll_back(api, ENGINE, then["version"])
            now = await api.get(ENGINE)
            published = await api.published("shop/production")

            assert part(now) == part(then)
            assert now["version"] == answer["version"] == then["version"] + 2
            assert answer["restored"] == then["version"]
            assert answer["remaining"] == []
            assert answer["propagation"] == now["propagation"]
            assert published.position.version == answer["version"]
            assert await api.get(f"{STAGING}/flags/engine") == elsewhere

    async def test_is_audited_with_the_version_that_it_restores(self, tmp_path: Path) -> None:
        """As an instruction, and in words."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(CHECKOUT, {"enabled": True})
            await api.post(
                f"{CHECKOUT}/rollback", {"version": 1, "comment": "It broke"}, status=200
            )
            page = await api.get("/projects/shop/audit", limit=1)

        (record,) = page["items"]
        assert record["instructions"] == [{"kind": "rollBack", "version": 1}]
        assert record["summary"] == ["rolled back to version 1", "turned off"]
        assert record["comment"] == "It broke"
        assert record["versions"] == {"shop/production": 3}

    async def test_a_rollback_can_be_rolled_back(self, tmp_path: Path) -> None:
        """It is a version as any other."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(CHECKOUT, {"enabled": True})
            back = await roll_back(api, CHECKOUT, 1)
            forth = await roll_back(api, CHECKOUT, back["version"] - 1)
            again = await roll_back(api, CHECKOUT, back["version"])
            flag = await api.get(CHECKOUT)

        assert (forth["version"], forth["restored"]) == (4, 2)
        assert (again["version"], again["restored"]) == (5, 3)
        assert flag["enabled"] is False

    async def test_to_what_it_is_already_takes_no_version(self, tmp_path: Path) -> None:
        """Nothing is recorded either."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.everything()
            answer = await roll_back(api, CHECKOUT, 1)

            assert answer["version"] == 1
            assert await api.everything() == before

    async def test_says_what_of_the_project_stays_different(self, tmp_path: Path) -> None:
        """A rollback in one environment leaves alone what all share."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch("/projects/shop/flags/checkout", {"metadata": {"team": "pay"}})
            await api.patch(CHECKOUT, {"enabled": True})
            answer = await roll_back(api, CHECKOUT, 1)
            flag = await api.get(CHECKOUT)

        assert answer["remaining"] == [{"path": '$.metadata["team"]', "after": "pay"}]
        assert (flag["enabled"], flag["metadata"]) == (False, {"team": "pay"})

    async def test_a_dry_run_shows_it_first(self, tmp_path: Path) -> None:
        """And whether it is possible; nothing is changed."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(CHECKOUT, {"enabled": True})
            before = await api.everything()
            shown = await api.ask(
                "POST",
                f"{CHECKOUT}/rollback",
                status=200,
                params={"dryRun": "true"},
                json={"version": 1},
            )

            assert shown["diff"] == [{"path": "$.enabled", "before": True, "after": False}]
            assert shown["sentences"] == ["rolled back to version 1", "turned off"]
            assert await api.everything() == before

    async def test_if_match_guards_it(self, tmp_path: Path) -> None:
        """A rollback is refused when the flag moved on since it was looked at."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            seen = await api.client.get(f"/api/v1{CHECKOUT}")
            await api.patch(CHECKOUT, {"enabled": True})
            await api.ask(
                "POST",
                f"{CHECKOUT}/rollback",
                status=412,
                json={"version": 1},
                headers={"if-match": seen.headers["etag"]},
            )


class TestWhatIsNotPossible:
    async def test_a_variation_that_is_gone(self, tmp_path: Path) -> None:
        """The problem names it; nothing is changed."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            then = await api.patch(ENGINE, {"default": {"variation": "c"}})
            await api.patch(ENGINE, {"default": {"variation": "a"}})
            left = [{"name": name, "value": name.upper()} for name in "ab"]
            await api.patch("/projects/shop/flags/engine", {"variations": left})
            before = await api.everything()
            problem = await roll_back(api, ENGINE, then["version"], status=409)

            assert "'engine' cannot go back to version 2" in problem["detail"]
            assert "$.default.variation: expected one of 'a', 'b', got 'c'" in problem["detail"]
            assert await api.everything() == before

    async def test_a_prerequisite_that_is_gone(self, tmp_path: Path) -> None:
        """It was archived since, which nothing forbade."""
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("beta")) as api:
            requires = [{"flag": "beta", "is": ["on"]}]
            then = await api.patch(CHECKOUT, {"requires": requires})
            await api.patch(CHECKOUT, {"requires": []})
            await api.patch("/projects/shop/flags/beta", {"archived": True})
            problem = await roll_back(api, CHECKOUT, then["version"], status=409)

        assert "$.requires[0].flag" in problem["detail"]
        assert "'beta'" in problem["detail"]

    async def test_a_version_at_which_it_was_deleted(self, tmp_path: Path) -> None:
        """Archiving is the project's."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            for archived in (True, False):
                await api.patch("/projects/shop/flags/checkout", {"archived": archived})
            problem = await roll_back(api, CHECKOUT, 2, status=409)
            answer = await roll_back(api, CHECKOUT, 1)

        assert "archive it in its project" in problem["detail"]
        assert answer["restored"] == 1

    async def test_a_flag_that_is_archived(self, tmp_path: Path) -> None:
        """It must be brought back first."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(CHECKOUT, {"enabled": True})
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            problem = await roll_back(api, CHECKOUT, 1, status=409)

        assert "archived" in problem["detail"]

    async def test_without_the_approval_that_its_environment_wants(self, tmp_path: Path) -> None:
        """A rollback is a change like any other."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(CHECKOUT, {"enabled": True})
            await api.patch(PRODUCTION, {"approvals": {"required": 1}})
            problem = await roll_back(api, CHECKOUT, 1, status=409)

        assert "needs to be approved" in problem["detail"]

    async def test_a_version_that_there_is_not(self, tmp_path: Path) -> None:
        """Before the first, or still to come."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            for version in (0, 2):
                await roll_back(api, CHECKOUT, version, status=404)


class TestSegments:
    async def test_are_rolled_back_as_flags_are(self, tmp_path: Path) -> None:
        """Who belonged then, belongs again."""
        segment = f"{PRODUCTION}/segments/beta"
        rule = {"id": "de", "when": [{"attribute": "country", "op": "in", "values": ["DE"]}]}
        async with a_shop(tmp_path) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            then = await api.patch(segment, {"include": [{"keys": ["ada"]}], "rules": [rule]})
            await api.patch(segment, {"include": [], "rules": [], "exclude": [{"keys": ["bob"]}]})
            answer = await roll_back(api, segment, then["version"])
            now = await api.get(segment)
            page = await api.get("/projects/shop/audit", limit=1)

        assert (now["include"], now["exclude"]) == (then["include"], then["exclude"])
        assert now["rules"] == then["rules"]
        assert (answer["version"], answer["restored"], answer["remaining"]) == (4, 2, [])
        assert page["items"][0]["summary"][0] == "rolled back to version 2"

    async def test_cannot_use_a_segment_that_is_gone(self, tmp_path: Path) -> None:
        """The problem names it."""
        segment = f"{PRODUCTION}/segments/beta"
        async with a_shop(tmp_path) as api:
            for key in ("beta", "staff"):
                await api.post("/projects/shop/segments", {"key": key})
            rules = [{"id": "one", "when": [{"segment": "staff"}]}]
            then = await api.patch(segment, {"rules": rules})
            await api.patch(segment, {"rules": []})
            await api.patch("/projects/shop/segments/staff", {"archived": True})
            problem = await roll_back(api, segment, then["version"], status=409)

        assert "'staff'" in problem["detail"]
