"""A project is brought to a configuration: all of it, as it was planned, or nothing."""

from __future__ import annotations

from pathlib import Path

from pennon.origin.sample import create_sample
from tests.builders.api import (
    PRODUCTION,
    STAGING,
    Api,
    Json,
    a_new_flag,
    a_shop,
    a_string_flag,
    an_api,
)
from tests.builders.configuration import (
    applied,
    done,
    exported,
    in_segment,
    requiring,
    serving,
)


async def datafile(api: Api, project: str, environment: str) -> Json:
    """Return what an environment's followers evaluate, without the versions."""
    path = f"/projects/{project}/environments/{environment}/datafile"
    found = (await api.get(path))["datafile"]
    return {
        kind: {
            key: {name: value for name, value in item.items() if name != "version"}
            for key, item in found[kind].items()
        }
        for kind in ("flags", "segments")
    }


async def records(api: Api, project: str = "shop") -> list[Json]:
    """Return a project's audit records, the oldest first."""
    items: list[Json] = (await api.get(f"/projects/{project}/audit", order="oldest", limit=200))[
        "items"
    ]
    return items


class TestApplying:
    """`POST …/configuration/apply`."""

    async def test_another_project_becomes_the_same(self, tmp_path: Path) -> None:
        """Every follower of it evaluates the same, to the last bucket."""
        async with an_api(tmp_path) as api:
            await create_sample(api.origin)
            asked = await exported(api)
            await applied(api, asked, "copy")

            assert await exported(api, "copy") == asked
            for environment in asked["environments"]:
                there = await datafile(api, "copy", environment)
                assert there == await datafile(api, "shop", environment)

    async def test_twice_is_once(self, tmp_path: Path) -> None:
        """What is so already takes no version and no record."""
        asked = {"flags": {"a": {"type": "boolean", "environments": {"staging": serving("on")}}}}
        async with a_shop(tmp_path) as api:
            await applied(api, asked)
            before = await api.everything()
            again = await applied(api, asked)

            assert again == {"changes": [], "environments": []}
            assert await api.everything() == before

    async def test_things_may_come_in_any_order(self, tmp_path: Path) -> None:
        """A follower is told of what is used before it is told of what uses it."""
        member = {"id": "r", "when": [{"segment": "y"}]}
        asked = {
            "flags": {
                "a": {
                    "type": "boolean",
                    "environments": {"staging": serving("on", requires=[requiring("z")])},
                },
                "z": {
                    "type": "boolean",
                    "environments": {"staging": serving("on", rules=[in_segment("y")])},
                },
            },
            "segments": {
                "x": {"environments": {"staging": {"rules": [member]}}},
                "y": {},
            },
        }
        async with a_shop(tmp_path) as api:
            await applied(api, asked)
            held = (await api.published("shop/staging")).items
            told = await api.get(f"{STAGING}/datafile")

        both = {**told["datafile"]["flags"], **told["datafile"]["segments"]}
        assert len(held) == 4
        assert sorted(both, key=lambda key: both[key]["version"]) == ["y", "x", "z", "a"]

    async def test_two_flags_exchange_their_prerequisite(self, tmp_path: Path) -> None:
        """The one that needs the other no longer is told first: there is never a circle."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            await api.patch(f"{STAGING}/flags/a", {"requires": [requiring("b")]})
            asked = await exported(api)
            parts = {key: asked["flags"][key]["environments"]["staging"] for key in "ab"}
            del parts["a"]["requires"]
            parts["b"]["requires"] = [requiring("a")]
            await applied(api, asked)
            a, b = [(await api.get(f"{STAGING}/flags/{key}"))["version"] for key in "ab"]

        assert a < b

    async def test_a_project_without_environments_has_flags_too(self, tmp_path: Path) -> None:
        """Those of its first environment, once there is one."""
        asked: Json = {"flags": {"a": {"type": "boolean"}, "b": {"type": "boolean"}}}
        async with an_api(tmp_path) as api:
            await applied(api, asked, "new")
            await applied(api, {"flags": {"a": {"type": "boolean"}}}, "new", prune=True)

            assert list((await exported(api, "new"))["flags"]) == ["a"]

    async def test_what_uses_goes_before_what_it_used(self, tmp_path: Path) -> None:
        """Archived together, as neither could be alone in the other order."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b"), a_new_flag("c")) as api:
            await api.patch(f"{STAGING}/flags/b", {"requires": [requiring("a")]})
            result = await applied(api, {"flags": {"c": {"type": "boolean"}}}, prune=True)
            archived = [one for one in await records(api) if one["action"] == "flag.archived"]

        assert done(result) == ["archive flag a", "archive flag b"]
        assert [one["resource"] for one in archived] == ["flag/b", "flag/a"]

    async def test_a_flag_takes_one_version_where_both_its_parts_change(
        self, tmp_path: Path
    ) -> None:
        """A variation renamed with all its uses, which no single change could do."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            asked = await exported(api)
            flag = asked["flags"]["engine"]
            flag["variations"][0]["name"] = flag["off"] = "first"
            flag["default"] = {"variation": "first"}
            flag["environments"]["staging"]["enabled"] = True
            result = await applied(api, asked)
            new = (await api.get(f"{STAGING}/flags/engine"))["version"]

        moved = {one["environment"]: one["version"] for one in result["environments"]}
        assert moved == {"shop/production": 2, "shop/staging": 2}
        assert new == 2

    async def test_each_part_has_a_record_of_its_own(self, tmp_path: Path) -> None:
        """With the comment, and with sentences."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            asked["flags"]["checkout"]["description"] = "The way out"
            asked["flags"]["checkout"]["environments"]["staging"] = serving("off")
            count = len(await records(api))
            await applied(api, asked, comment="For the sale")
            new = (await records(api))[count:]

        assert [(one["action"], one["environment"]) for one in new] == [
            ("flag.updated", None),
            ("flag.updated", "shop/staging"),
        ]
        assert new[0]["summary"] == ["changed the description"]
        assert new[1]["summary"] == ["turned on", "serves off by default"]
        assert {one["comment"] for one in new} == {"For the sale"}

    async def test_every_version_is_told_of_by_a_record(self, tmp_path: Path) -> None:
        """The history knows who made it."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            asked = await exported(api)
            asked["flags"]["engine"]["metadata"] = {"a": 1}
            asked["flags"]["engine"]["environments"]["staging"]["enabled"] = True
            await applied(api, asked)
            versions = [
                (await api.get(f"{path}/flags/engine/versions"))["items"][0]
                for path in (PRODUCTION, STAGING)
            ]

        assert [(one["version"], one["action"]) for one in versions] == [(2, "flag.updated")] * 2

    async def test_says_what_there_is_of_the_project(self, tmp_path: Path) -> None:
        """Its name, its environments and what they ask for."""
        asked: Json = {
            "project": {"name": "Shop"},
            "environments": {"qa": {"name": "Tests", "approvals": {"required": 1}}, "staging": {}},
            "flags": {"a": {"type": "boolean", "environments": {"qa": serving("on")}}},
        }
        async with a_shop(tmp_path, a_new_flag("b")) as api:
            await applied(api, asked)
            qa = await api.get("/projects/shop/environments/qa")
            name = (await api.get("/projects/shop"))["name"]
            flags = await datafile(api, "shop", "qa")

        assert (name, qa["name"], qa["approvals"]) == ("Shop", "Tests", {"required": 1})
        assert {key: one["enabled"] for key, one in flags["flags"].items() if "enabled" in one} == {
            "a": True
        }
        assert set(flags["flags"]) == {"a", "b"}

    async def test_an_environment_created_later_starts_as_the_flag_does(
        self, tmp_path: Path
    ) -> None:
        """What a flag starts with is a part of the document."""
        asked = {"flags": {"a": {"type": "boolean", "off": None, "default": {"variation": "off"}}}}
        async with a_shop(tmp_path) as api:
            await applied(api, asked)
            await api.post("/projects/shop/environments", {"key": "later"})
            found = await api.get("/projects/shop/environments/later/flags/a")

        assert (found["off"], found["default"]["variation"]) == (None, "off")

    async def test_what_is_brought_back_deals_as_before(self, tmp_path: Path) -> None:
        """Its salt has stayed with it."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            salt = asked["flags"]["checkout"].pop("salt")
            before = await datafile(api, "shop", "staging")
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            await applied(api, asked)

            assert await datafile(api, "shop", "staging") == before
            assert (await exported(api))["flags"]["checkout"]["salt"] == salt
