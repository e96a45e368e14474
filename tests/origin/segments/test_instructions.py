"""Instructions to a segment in an environment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.builders.api import PRODUCTION, Api, Json, a_shop, faults

BETA = f"{PRODUCTION}/segments/beta"
ON_CITY = {"attribute": "city", "op": "in", "values": ["Bern"]}


def an_instruction(kind: str, **fields: Any) -> Json:
    """Return an instruction."""
    return {"kind": kind, **fields}


def adding(*keys: str, to: str = "include", **fields: Any) -> Json:
    """Return an instruction that adds members."""
    return an_instruction("addMembers", list=to, keys=list(keys), **fields)


def a_new_rule(id: str, **fields: Any) -> Json:
    """Return an instruction that adds a rule."""
    return an_instruction("addRule", rule={"id": id, "when": [ON_CITY]}, **fields)


@asynccontextmanager
async def a_segment(folder: Path) -> AsyncGenerator[Api]:
    """An API with the segment `beta`."""
    async with a_shop(folder) as api:
        await api.post("/projects/shop/segments", {"key": "beta"})
        yield api


async def instruct(api: Api, *instructions: Json, status: int = 200, **more: Any) -> Json:
    """Give *instructions* to the segment `beta` in production."""
    body = {"instructions": list(instructions), **more}
    return await api.post(f"{BETA}/instructions", body, status)


class TestMembers:
    async def test_are_in_one_list(self, tmp_path: Path) -> None:
        """Who is excluded is no longer included, which would go before."""
        async with a_segment(tmp_path) as api:
            await instruct(api, adding("ada", "bob"), adding("ada", contextKind="device"))
            changed = await instruct(api, adding("ada", to="exclude"))

        assert changed["include"] == [{"keys": ["bob"]}, {"kind": "device", "keys": ["ada"]}]
        assert changed["exclude"] == [{"keys": ["ada"]}]

    async def test_are_removed(self, tmp_path: Path) -> None:
        """Those that are not there are no fault."""
        removal = an_instruction("removeMembers", list="include", keys=["ada", "nobody"])
        async with a_segment(tmp_path) as api:
            await instruct(api, adding("ada", "bob"))
            changed = await instruct(api, removal)

        assert changed["include"] == [{"keys": ["bob"]}]

    async def test_that_are_there_already_take_no_version(self, tmp_path: Path) -> None:
        """No row, no version, no audit record."""
        async with a_segment(tmp_path) as api:
            await instruct(api, adding("ada"))
            before = await api.everything()
            await instruct(api, adding("ada"))

            assert await api.everything() == before

    async def test_of_many_people_are_all_kept(self, tmp_path: Path) -> None:
        """Each is carried out on what the one before left."""
        people = [f"person-{number}" for number in range(10)]
        async with a_segment(tmp_path) as api:
            await asyncio.gather(*(instruct(api, adding(person)) for person in people))
            found = await api.get(BETA)

        assert sorted(found["include"][0]["keys"]) == sorted(people)


class TestRules:
    async def test_are_added_changed_moved_and_removed(self, tmp_path: Path) -> None:
        """In the order of the instructions, as one version."""
        async with a_segment(tmp_path) as api:
            start = (await api.get(BETA))["version"]
            changed = await instruct(
                api,
                a_new_rule("x"),
                a_new_rule("y", before="x"),
                a_new_rule("z"),
                an_instruction("updateRule", ruleId="x", weight=5_000, contextKind="device"),
                an_instruction("removeRule", ruleId="z"),
                an_instruction("reorderRules", ruleIds=["x", "y"]),
            )

        assert changed["version"] == start + 1
        assert changed["rules"] == [
            {"id": "x", "when": [ON_CITY], "weight": 5_000, "kind": "device"},
            {"id": "y", "when": [ON_CITY]},
        ]

    async def test_get_an_id(self, tmp_path: Path) -> None:
        """Where none is given."""
        async with a_segment(tmp_path) as api:
            changed = await instruct(api, an_instruction("addRule", rule={"when": [ON_CITY]}))

        assert len(changed["rules"][0]["id"]) == 16


class TestAuditRecord:
    async def test_says_what_was_asked_and_what_it_did(self, tmp_path: Path) -> None:
        """A sentence for each instruction."""
        asked = [adding("ada", "bob"), a_new_rule("x"), adding("ada")]
        async with a_segment(tmp_path) as api:
            await instruct(api, *asked, comment="Early birds")
            record = (await api.get("/projects/shop/audit", limit=1))["items"][0]

        assert record["instructions"] == asked
        assert record["summary"] == [
            "added 2 keys to the included",
            "added the rule x",
            "changed nothing",
        ]
        assert record["comment"] == "Early birds"


class TestBadInstructions:
    @pytest.mark.parametrize(
        ("instruction", "path"),
        [
            (an_instruction("turnOn"), ".kind"),
            (adding("ada", to="others"), ".list"),
            (adding("ada", contextKind="multi"), ".contextKind"),
            (an_instruction("removeRule", ruleId="gone"), ".ruleId"),
            (an_instruction("updateRule", ruleId="here", weight=100_001), ".weight"),
            (an_instruction("updateRule", ruleId="here", contextKind=""), ".contextKind"),
            (an_instruction("addRule", rule={"by": "//"}), ".rule.by"),
            (
                an_instruction("addRule", rule={"when": [{"segment": "ghost"}]}),
                ".rule.when[0].segment",
            ),
            (an_instruction("addRule", rule={"when": [{"segment": "beta"}]}), ".rule.when"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_are_named_and_nothing_happens(
        self, tmp_path: Path, instruction: Json, path: str
    ) -> None:
        """The path leads to the instruction."""
        async with a_segment(tmp_path) as api:
            await instruct(api, a_new_rule("here"))
            before = await api.everything()
            problem = await instruct(api, adding("ada"), instruction, status=400)

            assert await api.everything() == before
        assert faults(problem) == [f"$.instructions[1]{path}"]
