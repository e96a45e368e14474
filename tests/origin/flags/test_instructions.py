"""Instructions to a flag in an environment, over the API."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pennon.origin.changelog import positions
from tests.builders.api import (
    PRODUCTION,
    STAGING,
    Api,
    Json,
    a_new_flag,
    a_shop,
    a_string_flag,
    faults,
)

ENGINE = f"{PRODUCTION}/flags/engine"


def an_instruction(kind: str, **fields: Any) -> Json:
    """Return an instruction."""
    return {"kind": kind, **fields}


def a_rule(id: str | None = None, variation: str = "b", **fields: Any) -> Json:
    """Return a rule for everyone, to be added."""
    return {"serve": {"variation": variation}, **({} if id is None else {"id": id}), **fields}


async def instruct(api: Api, *instructions: Json, status: int = 200, **more: Any) -> Json:
    """Give *instructions* to the flag `engine` in production."""
    body = {"instructions": list(instructions), **more}
    return await api.post(f"{ENGINE}/instructions", body, status)


async def last_record(api: Api) -> Json:
    """Return the newest audit record."""
    record: Json = (await api.get("/projects/shop/audit", limit=1))["items"][0]
    return record


class TestInstructions:
    async def test_take_one_version_together(self, tmp_path: Path) -> None:
        """In their order, in one environment, as one change."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            before = await api.origin.read(positions)
            changed = await instruct(
                api,
                an_instruction("turnOn"),
                an_instruction("addTargets", variation="b", keys=["ada", "bob"]),
                an_instruction("removeTargets", variation="b", keys=["bob"]),
                an_instruction("setTrack", track="all"),
            )
            after = await api.origin.read(positions)

        version = before["shop/production"].position.version + 1
        assert (changed["enabled"], changed["track"]) == (True, "all")
        assert changed["targets"] == [{"variation": "b", "keys": ["ada"]}]
        assert changed["version"] == after["shop/production"].position.version == version
        assert after["shop/staging"] == before["shop/staging"]

    async def test_what_is_so_already_takes_no_version(self, tmp_path: Path) -> None:
        """Turning on what is on does nothing: no row, no version, no audit record."""
        again = [
            an_instruction("turnOn"),
            an_instruction("setOff", variation="a"),
            an_instruction("addTargets", variation="b", keys=["ada"]),
            an_instruction("removeTargets", variation="c", keys=["ada"]),
        ]
        async with a_shop(tmp_path, a_string_flag()) as api:
            await instruct(api, *again)
            before = await api.everything()
            await instruct(api, *again)

            assert await api.everything() == before

    async def test_of_many_people_are_all_kept(self, tmp_path: Path) -> None:
        """Each is carried out on what the one before left."""
        people = [f"person-{number}" for number in range(20)]
        async with a_shop(tmp_path, a_string_flag()) as api:
            changed = await asyncio.gather(
                *(
                    instruct(api, an_instruction("addTargets", variation="b", keys=[person]))
                    for person in people
                )
            )
            found = await api.get(ENGINE)

        start = min(one["version"] for one in changed)
        assert sorted(one["version"] for one in changed) == list(range(start, start + 20))
        assert sorted(found["targets"][0]["keys"]) == sorted(people)

    async def test_a_new_rule_gets_an_id(self, tmp_path: Path) -> None:
        """One that it keeps, and by which the log names it."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            changed = await instruct(
                api,
                an_instruction("addRule", rule=a_rule("last")),
                an_instruction("addRule", rule=a_rule(), before="last"),
            )
            record = await last_record(api)

        first, last = (rule["id"] for rule in changed["rules"])
        assert (len(first), last) == (16, "last")
        assert record["instructions"][1]["rule"]["id"] == first

    async def test_may_name_the_state_that_they_are_meant_for(self, tmp_path: Path) -> None:
        """`If-Match` is heeded as with any change."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            read = await api.client.get(f"/api/v1{ENGINE}")
            await instruct(api, an_instruction("turnOn"))
            problem = await api.ask(
                "POST",
                f"{ENGINE}/instructions",
                status=412,
                json={"instructions": [an_instruction("turnOff")]},
                headers={"if-match": read.headers["etag"]},
            )

        assert problem["type"] == "urn:pennon:problem:moved-on"

    async def test_an_archived_flag_takes_none(self, tmp_path: Path) -> None:
        """It is brought back first."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch("/projects/shop/flags/engine", {"archived": True})
            problem = await instruct(api, an_instruction("turnOn"), status=409)

        assert "archived" in problem["detail"]


class TestAuditRecord:
    async def test_says_what_was_asked_and_what_it_did(self, tmp_path: Path) -> None:
        """The instructions, a sentence for each, and the comment of the body."""
        asked = [
            an_instruction("turnOn"),
            an_instruction("addTargets", variation="b", keys=["ada", "bob"]),
            an_instruction("turnOn"),
        ]
        async with a_shop(tmp_path, a_string_flag()) as api:
            await instruct(api, *asked, comment="Übung")
            record = await last_record(api)

        assert record["instructions"] == asked
        assert record["summary"] == ["turned on", "added 2 keys to b", "changed nothing"]
        assert record["comment"] == "Übung"

    async def test_a_patch_is_told_as_well(self, tmp_path: Path) -> None:
        """In the same words, without instructions."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch(ENGINE, {"enabled": True, "off": "c"})
            record = await last_record(api)

        assert record["instructions"] is None
        assert record["summary"] == ["turned on", "serves c while off"]


class TestBadInstructions:
    @pytest.mark.parametrize(
        ("instruction", "path", "message"),
        [
            (an_instruction("turnon"), ".kind", "'turnOn'"),
            ({}, ".kind", "required"),
            (an_instruction("turnOn", keys=[]), ".keys", "unknown field"),
            (an_instruction("setTrack", track="some"), ".track", "'experiments', 'none'"),
            (an_instruction("setOff", variation="z"), ".variation", "'a', 'b', 'c'"),
            (an_instruction("setDefault", variation="z"), ".variation", "'a', 'b', 'c'"),
            (an_instruction("setSplit", split=[]), ".split", "sum to 100000"),
            (
                an_instruction("setSplit", split=[{"variation": "z", "weight": 100_000}]),
                ".split[0].variation",
                "'a', 'b', 'c'",
            ),
            (
                an_instruction(
                    "setSplit",
                    ruleId="here",
                    contextKind="multi",
                    split=[{"variation": "a", "weight": 100_000}],
                ),
                ".contextKind",
                "expected a kind",
            ),
            (an_instruction("setSplit", ruleId="gone", split=[]), ".ruleId", "('here')"),
            (an_instruction("updateRule", ruleId="gone"), ".ruleId", "('here'), got 'gone'"),
            (
                an_instruction("updateRule", ruleId="here", when=[{"segment": "ghost"}]),
                ".when[0].segment",
                "no segment 'ghost'",
            ),
            (an_instruction("removeRule", ruleId="gone"), ".ruleId", "('here'), got 'gone'"),
            (an_instruction("reorderRules", ruleIds=[]), ".ruleIds", "'here'"),
            (an_instruction("reorderRules", ruleIds=["here", "gone"]), ".ruleIds[1]", "'gone'"),
            (an_instruction("reorderRules", ruleIds=["here"] * 2), ".ruleIds[1]", "once"),
            (an_instruction("addRule", rule=a_rule("here")), ".rule.id", "of its own"),
            (an_instruction("addRule", rule=a_rule(""), after="here"), ".rule.id", "not empty"),
            (an_instruction("addRule", rule=a_rule(), before="gone"), ".before", "'here'"),
            (an_instruction("addRule", rule=a_rule(), before="x", after="y"), ".after", "one of"),
            (
                an_instruction("addRule", rule=a_rule(variation="z")),
                ".rule.serve.variation",
                "'a', 'b', 'c'",
            ),
            (
                an_instruction("addTargets", variation="z", keys=["ada"]),
                ".variation",
                "'a', 'b', 'c'",
            ),
            (
                an_instruction("addTargets", variation="a", contextKind="kind", keys=["ada"]),
                ".contextKind",
                "expected a kind",
            ),
            (an_instruction("addTargets", variation="a", keys=[""]), ".keys[0]", "length >= 1"),
            (
                {"kind": "addPrerequisite", "flag": "ghost", "is": ["on"]},
                ".flag",
                "no flag 'ghost'",
            ),
            (
                {"kind": "addPrerequisite", "flag": "checkout", "is": ["on", "maybe"]},
                ".is[1]",
                "'maybe'",
            ),
            ({"kind": "addPrerequisite", "flag": "engine", "is": ["a"]}, ".flag", "to itself"),
            (an_instruction("removePrerequisite", flag="ghost"), ".flag", "none"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_are_named_and_nothing_happens(
        self, tmp_path: Path, instruction: Json, path: str, message: str
    ) -> None:
        """The path leads to the instruction, and those around it are not carried out either."""
        async with a_shop(tmp_path, a_string_flag(), a_new_flag()) as api:
            await instruct(api, an_instruction("addRule", rule=a_rule("here")))
            before = await api.everything()
            problem = await instruct(
                api,
                an_instruction("turnOn"),
                instruction,
                an_instruction("setTrack", track="all"),
                status=400,
            )

            assert await api.everything() == before
        assert faults(problem) == [f"$.instructions[1]{path}"]
        assert message in problem["errors"][0]["message"]

    @pytest.mark.parametrize("number", [0, 101])
    async def test_are_some_and_not_too_many(self, tmp_path: Path, number: int) -> None:
        """One to a hundred."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            problem = await instruct(api, *[an_instruction("turnOn")] * number, status=400)

        assert faults(problem) == ["$.instructions"]

    async def test_each_fault_is_with_its_own_instruction(self, tmp_path: Path) -> None:
        """Also where the next one is of the same kind, and sound."""
        async with a_shop(tmp_path, a_string_flag(), a_new_flag()) as api:
            problem = await instruct(
                api,
                {"kind": "addPrerequisite", "flag": "ghost", "is": ["on"]},
                {"kind": "addPrerequisite", "flag": "checkout", "is": ["on"]},
                an_instruction("addRule", rule=a_rule("x", when=[{"segment": "ghost"}])),
                an_instruction("addRule", rule=a_rule("y")),
                status=400,
            )

        assert faults(problem) == [
            "$.instructions[0].flag",
            "$.instructions[2].rule.when[0].segment",
        ]

    async def test_a_cycle_is_named_where_it_closes(self, tmp_path: Path) -> None:
        """Prerequisites that lead back are found with the instruction that adds the last."""
        async with a_shop(tmp_path, a_string_flag(), a_new_flag()) as api:
            await api.patch(
                f"{PRODUCTION}/flags/checkout", {"requires": [{"flag": "engine", "is": ["a"]}]}
            )
            problem = await instruct(
                api, {"kind": "addPrerequisite", "flag": "checkout", "is": ["on"]}, status=400
            )

        assert faults(problem) == ["$.instructions[0].flag"]


class TestReplace:
    async def test_leaves_nothing_of_what_was(self, tmp_path: Path) -> None:
        """What the body leaves out gets its default."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await instruct(
                api,
                an_instruction("turnOn"),
                an_instruction("addTargets", variation="b", keys=["ada"]),
            )
            replaced = await api.ask(
                "PUT",
                ENGINE,
                status=200,
                json={"enabled": False, "default": {"variation": "c"}},
                headers={"if-match": "*"},
            )

        assert (replaced["targets"], replaced["off"]) == ([], None)
        assert replaced["default"] == {"variation": "c"}

    @pytest.mark.parametrize(("tag", "status"), [(None, 428), ('"older"', 412)])
    async def test_names_what_it_replaces(
        self, tmp_path: Path, tag: str | None, status: int
    ) -> None:
        """A whole object made from an older state would take back what others have done."""
        headers = {} if tag is None else {"if-match": tag}
        body = {"enabled": True, "default": {"variation": "c"}}
        async with a_shop(tmp_path, a_string_flag()) as api:
            before = await api.everything()
            await api.ask("PUT", ENGINE, status=status, json=body, headers=headers)

            assert await api.everything() == before

    async def test_a_definitions_field_is_not_known_here(self, tmp_path: Path) -> None:
        """It is replaced in the project."""
        body = {"enabled": True, "default": {"variation": "c"}, "name": "x"}
        async with a_shop(tmp_path, a_string_flag()) as api:
            problem = await api.ask(
                "PUT",
                f"{STAGING}/flags/engine",
                status=400,
                json=body,
                headers={"if-match": "*"},
            )

        assert faults(problem) == ["$.name"]
