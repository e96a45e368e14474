"""Who is affected by a change: what a dry run says of contexts that were seen lately."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pennon.model.events import SeenContext
from tests.builders.api import PRODUCTION, STAGING, Api, Json, a_new_flag, a_shop, a_string_flag
from tests.builders.events import a_sample, a_seen

CHECKOUT = f"{PRODUCTION}/flags/checkout"
PRO = {"attribute": "plan", "op": "in", "values": ["pro"]}
ADA, BOB, EVE = a_seen("ada", plan="pro"), a_seen("bob", plan="free"), a_seen("eve")


async def see(api: Api, *seen: SeenContext, environment: str = "shop/production") -> None:
    await api.origin.intake.take(a_sample(*seen, environment=environment))


async def affected(api: Api, path: str, body: Json, method: str = "PATCH") -> Any:
    """Return whom a change would affect."""
    answer = await api.ask(method, path, status=200, params={"dryRun": "true"}, json=body)
    assert answer["valid"], answer
    return answer["affected"]


class TestAffected:
    async def test_of_a_rule(self, tmp_path: Path) -> None:
        """Those whom it matches, with what they get now and would get then."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(CHECKOUT, {"enabled": True, "default": {"variation": "off"}})
            await see(api, ADA, BOB, EVE)
            rule = {"id": "r", "when": [PRO], "serve": {"variation": "on"}}
            found = await affected(api, CHECKOUT, {"rules": [rule]})

        assert found == {
            "sampled": 3,
            "changed": 1,
            "flags": 1,
            "complete": True,
            "byVariation": [
                {
                    "environment": "production",
                    "flag": "checkout",
                    "from": "off",
                    "to": "on",
                    "count": 1,
                }
            ],
            "examples": [
                {
                    "environment": "production",
                    "flag": "checkout",
                    "context": {"user": {"key": "ada", "plan": "pro"}},
                    "from": {"variation": "off", "value": False},
                    "to": {"variation": "on", "value": True},
                }
            ],
        }

    async def test_nobody_known(self, tmp_path: Path) -> None:
        """Where no edge tells of contexts, that is what is said."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            found = await affected(api, CHECKOUT, {"enabled": True})

        assert (found["sampled"], found["changed"], found["examples"]) == (0, 0, [])

    async def test_nothing_changes(self, tmp_path: Path) -> None:
        """A change that takes no version affects nobody, and is not asked about."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await see(api, ADA)

            assert await affected(api, CHECKOUT, {"enabled": False}) is None
            assert await affected(api, CHECKOUT, {"track": "all"}) == {
                "sampled": 1,
                "changed": 0,
                "flags": 1,
                "complete": True,
                "byVariation": [],
                "examples": [],
            }

    async def test_through_segments_and_prerequisites(self, tmp_path: Path) -> None:
        """A change reaches the flags that depend on it, however far."""
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("page"), a_new_flag("other")) as api:
            for key in ("inner", "outer"):
                await api.post("/projects/shop/segments", {"key": key})
            outer = {"id": "r", "when": [{"segment": "inner"}]}
            await api.patch(f"{PRODUCTION}/segments/outer", {"rules": [outer]})
            rule = {"id": "r", "when": [{"segment": "outer"}], "serve": {"variation": "on"}}
            await api.patch(
                CHECKOUT, {"enabled": True, "default": {"variation": "off"}, "rules": [rule]}
            )
            needs = [{"flag": "checkout", "is": ["on"]}]
            await api.patch(f"{PRODUCTION}/flags/page", {"enabled": True, "requires": needs})
            await see(api, ADA, BOB)
            found = await affected(
                api, f"{PRODUCTION}/segments/inner", {"include": [{"keys": ["ada"]}]}
            )

        assert (found["changed"], found["flags"], found["complete"]) == (1, 2, True)
        assert [(one["flag"], one["from"], one["to"]) for one in found["byVariation"]] == [
            ("checkout", "off", "on"),
            ("page", "off", "on"),
        ]

    async def test_what_is_new_to_it(self, tmp_path: Path) -> None:
        """A rule may use a segment that the flag did not use before."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "people"})
            await api.patch(f"{PRODUCTION}/segments/people", {"include": [{"keys": ["bob"]}]})
            await api.patch(CHECKOUT, {"enabled": True, "default": {"variation": "off"}})
            await see(api, ADA, BOB)
            instruction = {
                "kind": "addRule",
                "rule": {"when": [{"segment": "people"}], "serve": {"variation": "on"}},
            }
            body = {"instructions": [instruction]}
            found = await affected(api, f"{CHECKOUT}/instructions", body, "POST")

        assert [one["context"]["user"]["key"] for one in found["examples"]] == ["bob"]

    async def test_in_every_environment(self, tmp_path: Path) -> None:
        """A change in the project is asked about wherever it takes a version."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await see(api, ADA)
            await see(api, BOB, EVE, environment="shop/staging")
            variations = [{"name": "off", "value": False}, {"name": "on", "value": True}]
            new = {"variations": [*variations, {"name": "also", "value": True}]}
            unchanged = await affected(api, "/projects/shop/flags/checkout", new)
            archived = await affected(api, "/projects/shop/flags/checkout", {"archived": True})

        assert (unchanged["sampled"], unchanged["changed"]) == (3, 0)
        assert [
            (one["environment"], one["from"], one["to"], one["count"])
            for one in archived["byVariation"]
        ] == [("staging", "off", None, 2), ("production", "off", None, 1)]

    async def test_same_name_other_value(self, tmp_path: Path) -> None:
        """Who gets another value is affected, though it has the same name."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await see(api, ADA)
            variations = [{"name": name, "value": f"new {name}"} for name in "abc"]
            found = await affected(api, "/projects/shop/flags/engine", {"variations": variations})

        assert found["examples"][0]["from"] == {"variation": "a", "value": "A"}
        assert found["examples"][0]["to"] == {"variation": "a", "value": "new a"}

    async def test_bounds(self, tmp_path: Path) -> None:
        """Examples are few, long values are left out, and all are counted."""
        long: Json = {
            "variations": [{"name": "a", "value": "x" * 300}, {"name": "b", "value": "B"}]
        }
        async with a_shop(tmp_path, a_string_flag(**long)) as api:
            await api.patch(f"{PRODUCTION}/flags/engine", {"enabled": True})
            await see(api, *(a_seen(str(n)) for n in range(50)))
            change = {"default": {"variation": "b"}}
            found = await affected(api, f"{PRODUCTION}/flags/engine", change)

        assert (found["changed"], found["byVariation"][0]["count"]) == (50, 50)
        assert len(found["examples"]) <= 10
        assert found["examples"][0]["from"] == {"variation": "a"}

    async def test_many_flags(self, tmp_path: Path) -> None:
        """A segment that very many flags use is looked at for some, and that is said."""
        async with a_shop(tmp_path) as api:
            await api.post("/projects/shop/segments", {"key": "people"})
            rule = {"id": "r", "when": [{"segment": "people"}], "serve": {"variation": "on"}}
            for number in range(52):
                await api.post("/projects/shop/flags", a_new_flag(f"f{number}"))
                await api.patch(f"{STAGING}/flags/f{number}", {"rules": [rule]})
            found = await affected(
                api, f"{STAGING}/segments/people", {"include": [{"keys": ["ada"]}]}
            )

        assert (found["flags"], found["complete"]) == (50, False)

    async def test_refused(self, tmp_path: Path) -> None:
        """What could not be made affects nobody."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await see(api, ADA)
            answer = await api.ask(
                "PATCH", CHECKOUT, status=200, params={"dryRun": "true"}, json={"off": "none"}
            )

        assert (answer["valid"], answer["affected"]) == (False, None)


class TestExternalSegment:
    async def test_counts_those_who_are_in_it(self, tmp_path: Path) -> None:
        """Its members are looked up: no item of the environment has them."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(CHECKOUT, {"enabled": True, "default": {"variation": "off"}})
            await api.post("/projects/shop/segments", {"key": "vip"})
            await api.patch(f"{PRODUCTION}/segments/vip", {"external": {}})
            members = f"{PRODUCTION}/segments/vip/members/changes"
            await api.post(members, {"add": ["ada", "bob"], "exclude": ["eve"]}, 200)
            await see(api, ADA, BOB, EVE)
            rule = {"id": "r", "when": [{"segment": "vip"}], "serve": {"variation": "on"}}
            found = await affected(api, CHECKOUT, {"rules": [rule]})

        assert (found["sampled"], found["changed"]) == (3, 2)
