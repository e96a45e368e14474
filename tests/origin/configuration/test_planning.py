"""What applying a configuration would do, found out without doing it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.builders.api import PRODUCTION, Json, a_new_flag, a_shop, a_string_flag, an_api
from tests.builders.configuration import (
    applied,
    done,
    exported,
    in_segment,
    messages,
    planned,
    requiring,
    serving,
)


class TestPlanning:
    """`POST …/configuration/plan`."""

    async def test_what_is_so_already_changes_nothing(self, tmp_path: Path) -> None:
        """And everything is counted that was looked at."""
        async with a_shop(tmp_path, a_new_flag(), a_string_flag()) as api:
            plan = await planned(api, await exported(api), prune=True)

        assert (plan["valid"], plan["changes"], plan["unchanged"]) == (True, [], 5)

    async def test_tells_each_place_that_is_different(self, tmp_path: Path) -> None:
        """By names, in the project and in each environment."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            flag = asked["flags"]["checkout"]
            flag["description"] = "The way out"
            flag["environments"]["staging"] = serving("off")
            (change,) = (await planned(api, asked))["changes"]

        there = '$.environments["staging"]'
        assert change == {
            "kind": "flag",
            "key": "checkout",
            "action": "change",
            "diff": [
                {"path": "$.description", "before": "", "after": "The way out"},
                {"path": f"{there}.enabled", "before": False, "after": True},
                {"path": f"{there}.default.variation", "before": "on", "after": "off"},
            ],
        }

    async def test_changes_nothing_itself(self, tmp_path: Path) -> None:
        """Not a row, whatever is asked."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.everything()
            new = {"environments": {"qa": {}}, "flags": {"b": {"type": "boolean"}}}
            await planned(api, new, prune=True)

            assert await api.everything() == before

    async def test_what_is_not_named_is_left_alone(self, tmp_path: Path) -> None:
        """And listed, so that nobody wonders."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            plan = await planned(api, {"flags": {"a": {"type": "boolean"}}})

        assert [one["key"] for one in plan["leftAlone"]] == ["production", "staging", "b"]
        assert plan["changes"] == []

    async def test_pruning_archives_flags_and_segments(self, tmp_path: Path) -> None:
        """Never an environment, nor the project."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            plan = await planned(api, {"flags": {"a": {"type": "boolean"}}}, prune=True)

        assert done(plan) == ["archive segment beta", "archive flag b"]
        assert [one["key"] for one in plan["leftAlone"]] == ["production", "staging"]

    async def test_what_was_archived_is_brought_back(self, tmp_path: Path) -> None:
        """As the document has it."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            await api.patch("/projects/shop/flags/checkout", {"archived": True})

            assert done(await planned(api, asked)) == ["restore flag checkout"]

    async def test_left_out_in_an_environment_is_as_the_flag_starts(self, tmp_path: Path) -> None:
        """`off` and `default` are the flag's own, wherever none is given."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            asked = await exported(api)
            asked["flags"]["engine"]["default"] = {"variation": "b"}
            (change,) = (await planned(api, asked))["changes"]

        assert [one["path"] for one in change["diff"]] == [
            "$.default.variation",
            '$.environments["production"].default.variation',
            '$.environments["staging"].default.variation',
        ]


class TestRefusals:
    """What a plan is not valid for; it answers all of it."""

    async def test_every_fault_is_named_where_it_was_written(self, tmp_path: Path) -> None:
        """In several things at once, those of a project's part once for all environments."""
        flag = {
            "type": "string",
            "variations": [{"name": "a", "value": 1}],
            "off": "b",
            "environments": {"staging": serving("c"), "production": {"enabled": True}},
        }
        rule = {"id": "r", "when": [{"attribute": "x", "op": "nope", "values": []}]}
        segment = {"environments": {"staging": {"rules": [rule]}}}
        async with a_shop(tmp_path) as api:
            plan = await planned(api, {"segments": {"s": segment}, "flags": {"f": flag}})

        assert not plan["valid"]
        assert [path for path, _ in messages(plan)] == [
            '$.configuration.segments["s"].environments["staging"].rules[0].when[0].op',
            '$.configuration.flags["f"].variations[0].value',
            '$.configuration.flags["f"].off',
            '$.configuration.flags["f"].environments["staging"].default.variation',
        ]

    @pytest.mark.parametrize(
        ("flags", "where", "what"),
        [
            (
                {"a": requiring("gone")},
                'flags["a"].environments["staging"].requires[0].flag',
                "there is no flag 'gone'",
            ),
            (
                {"a": requiring("b"), "b": requiring("a")},
                'flags["a"].environments["staging"].requires',
                "leads back to itself: a → b → a",
            ),
        ],
        ids=["missing", "circle"],
    )
    async def test_what_things_say_of_each_other(
        self, flags: Json, where: str, what: str, tmp_path: Path
    ) -> None:
        """Is held against all that there will be."""
        asked = {
            key: {
                "type": "boolean",
                "environments": {"staging": serving("on", requires=[required])},
            }
            for key, required in flags.items()
        }
        async with a_shop(tmp_path) as api:
            plan = await planned(api, {"flags": asked})

        assert messages(plan) == [(f"$.configuration.{where}", what)]

    async def test_what_is_pruned_may_not_be_missed(self, tmp_path: Path) -> None:
        """By what stays, which is named."""
        async with a_shop(tmp_path, a_new_flag("a")) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            await api.patch(f"{PRODUCTION}/flags/a", {"rules": [in_segment("beta")]})
            plan = await planned(api, {"flags": {"a": {"type": "boolean"}}}, prune=True)
            asked = await exported(api)
            del asked["segments"]
            plan = await planned(api, asked, prune=True)

        where = 'flags["a"].environments["production"].rules[0].when[0].segment'
        assert messages(plan) == [(f"$.configuration.{where}", "there is no segment 'beta'")]

    async def test_an_unknown_environment_has_its_likeness_named(self, tmp_path: Path) -> None:
        """Most are slips."""
        flag = {"type": "boolean", "environments": {"prodution": serving("on")}}
        async with a_shop(tmp_path) as api:
            plan = await planned(api, {"flags": {"a": flag}})

        assert messages(plan) == [
            (
                '$.configuration.flags["a"].environments["prodution"]',
                "there is no environment 'prodution'; did you mean 'production'?",
            )
        ]

    async def test_a_type_and_a_salt_stay(self, tmp_path: Path) -> None:
        """Another type breaks the code that asks, another salt reshuffles everybody."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            asked = await exported(api)
            asked["flags"]["checkout"] |= {"type": "integer", "salt": "other"}
            asked["segments"]["beta"]["salt"] = "other"
            plan = await planned(api, asked)

        assert [path for path, _ in messages(plan)] == [
            '$.configuration.flags["checkout"].type',
            '$.configuration.flags["checkout"].salt',
            '$.configuration.segments["beta"].salt',
        ]

    async def test_a_deleted_flag_keeps_its_key(self, tmp_path: Path) -> None:
        """Until it is purged."""
        async with a_shop(tmp_path, a_new_flag("a"), a_new_flag("b")) as api:
            asked = await exported(api)
            await api.patch("/projects/shop/flags/a", {"archived": True})
            await api.ask("DELETE", "/projects/shop/flags/a", status=200)
            ((path, message),) = messages(await planned(api, asked))

        assert path == '$.configuration.flags["a"]'
        assert message.startswith("The flag 'a' was deleted, and its key stays taken")

    async def test_what_is_archived_around_it(self, tmp_path: Path) -> None:
        """An archived environment or project does not change."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            asked["flags"]["checkout"]["environments"]["staging"]["enabled"] = True
            await api.patch("/projects/shop/environments/staging", {"archived": True})
            one = messages(await planned(api, asked))
            await api.patch("/projects/shop", {"archived": True})
            both = messages(await planned(api, asked))

        assert [path for path, _ in one] == ['$.configuration.environments["staging"]']
        assert [path for path, _ in both] == [
            "$.configuration",
            '$.configuration.environments["staging"]',
        ]

    async def test_approval_is_asked_for_by_environment(self, tmp_path: Path) -> None:
        """Also for a new flag that would serve somebody, and when it is asked for no longer."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            asked = await exported(api)
            approvals = {"approvals": {"required": 1}}
            await api.patch("/projects/shop/environments/production", approvals)
            flags = asked["flags"]
            flags["new"] = {"type": "boolean", "environments": {"production": serving("on")}}
            flags["checkout"]["environments"]["production"]["enabled"] = True
            ((path, message),) = messages(await planned(api, asked))

        assert path == '$.configuration.environments["production"]'
        assert message.startswith(
            "A change in shop/production needs to be approved by 1 more, and this would change "
            "the flag 'checkout', the flag 'new'. Leave production out and propose it: POST "
        )

    async def test_approvals_stay_unless_they_are_named(self, tmp_path: Path) -> None:
        """A file from before they were wanted does not take them away."""
        async with a_shop(tmp_path) as api:
            asked = await exported(api)
            approvals = {"approvals": {"required": 1}}
            await api.patch("/projects/shop/environments/production", approvals)
            silent = await planned(api, asked)
            asked["environments"]["production"]["approvals"] = {"required": 0}
            (change,) = (await planned(api, asked))["changes"]

        assert silent["changes"] == []
        assert [one["path"] for one in change["diff"]] == ["$.approvals.required"]

    async def test_what_belongs_to_the_project_needs_no_approval(self, tmp_path: Path) -> None:
        """As it needs none where it is changed alone."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            approvals = {"approvals": {"required": 1}}
            await api.patch("/projects/shop/environments/production", approvals)
            asked = await exported(api)
            asked["flags"]["checkout"]["description"] = "The way out"
            asked["flags"]["new"] = {"type": "boolean"}

            assert (await planned(api, asked))["valid"]

    async def test_nothing_at_all_prunes_nothing(self, tmp_path: Path) -> None:
        """An empty folder is a mistake far more often than a wish."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            ((path, message),) = messages(await planned(api, {}, prune=True))

        assert path == "$.configuration"
        assert "would archive all 1 that there are" in message

    @pytest.mark.parametrize("key", ["Not a key", "$installation", "a" * 65])
    async def test_a_project_has_a_key_as_any_other(self, tmp_path: Path, key: str) -> None:
        """It is made of the path, which is no less strict than a body."""
        async with an_api(tmp_path) as api:
            there = await api.get("/projects")
            plan = await planned(api, {"project": {"name": "New"}}, quote(key))
            await applied(api, {"project": {"name": "New"}}, quote(key), status=400)

            assert await api.get("/projects") == there
        ((path, told),) = messages(plan)
        assert (plan["valid"], path) == (False, "$.configuration")
        assert told.startswith("as the key of a project, expected text like")

    async def test_a_project_that_does_not_exist_is_planned(self, tmp_path: Path) -> None:
        """With all that is in it."""
        asked = {"environments": {"live": {}}, "flags": {"a": {"type": "boolean"}}}
        async with an_api(tmp_path) as api:
            plan = await planned(api, asked, "new")

        assert done(plan) == ["create project new", "create environment live", "create flag a"]
