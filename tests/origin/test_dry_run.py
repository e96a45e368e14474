"""A dry run: what a change would do, and that it did nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders.api import PRODUCTION, Api, Json, a_new_flag, a_shop, a_string_flag

ENGINE = f"{PRODUCTION}/flags/engine"


def instructions(*given: Json) -> Json:
    """Return the body of a request to carry out *given*."""
    return {"instructions": list(given)}


TURN_ON = {"kind": "turnOn"}
ADD_ADA = {"kind": "addTargets", "variation": "b", "keys": ["ada"]}
PEOPLE = "/projects/shop/segments/people"

CHANGES: dict[str, tuple[str, str, Json]] = {
    "patch": ("PATCH", ENGINE, {"enabled": True}),
    "put": ("PUT", ENGINE, {"enabled": True, "default": {"variation": "c"}}),
    "instructions": ("POST", f"{ENGINE}/instructions", instructions(TURN_ON, ADD_ADA)),
    "in its project": ("PATCH", "/projects/shop/flags/engine", {"name": "Engine"}),
    "archive": ("PATCH", "/projects/shop/flags/engine", {"archived": True}),
    "segment": ("PATCH", f"{PRODUCTION}/segments/people", {"include": [{"keys": ["ada"]}]}),
    "segment, by instructions": (
        "POST",
        f"{PRODUCTION}/segments/people/instructions",
        instructions({"kind": "addMembers", "list": "include", "keys": ["ada"]}),
    ),
    "segment in its project": ("PATCH", PEOPLE, {"name": "People"}),
}


async def rehearse(api: Api, method: str, path: str, body: Json, status: int = 200) -> Json:
    """Return the answer to a change that is not to be made."""
    return await api.ask(
        method,
        path,
        status=status,
        params={"dryRun": "true"},
        json=body,
        headers={"if-match": "*"},
    )


async def rehearse_patch(api: Api, patch: Json) -> Json:
    """Return what a patch of the flag `engine` in production would do."""
    return await rehearse(api, "PATCH", ENGINE, patch)


class TestNothingIsChanged:
    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
    async def test_every_row_of_every_table_stays(
        self, tmp_path: Path, change: tuple[str, str, Json]
    ) -> None:
        """No version, no audit record, and nobody who follows is woken."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "people"})
            before = await api.everything()
            with api.origin.bus.subscribe() as wakeups:
                answer = await rehearse(api, *change)
                woken = await wakeups.wait(0)

            assert await api.everything() == before
        assert answer["valid"]
        assert answer["diff"] != []
        assert not woken

    async def test_nor_by_one_that_would_be_refused(self, tmp_path: Path) -> None:
        """A fault that is found late leaves nothing of what came before it."""
        body = instructions(TURN_ON, {"kind": "setDefault", "variation": "z"})
        async with a_shop(tmp_path, a_string_flag()) as api:
            before = await api.everything()
            answer = await rehearse(api, "POST", f"{ENGINE}/instructions", body)

            assert await api.everything() == before
        assert not answer["valid"]
        assert [fault["path"] for fault in answer["errors"]] == ["$.instructions[1].variation"]

    async def test_the_change_can_be_made_after_it(self, tmp_path: Path) -> None:
        """As if nobody had asked before."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await rehearse_patch(api, {"enabled": True})
            changed = await api.patch(ENGINE, {"enabled": True})

        assert changed["enabled"]


class TestAnswer:
    async def test_says_what_would_be_different_place_by_place(self, tmp_path: Path) -> None:
        """With what was there before, in words too, and which environment would move."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            answer = await rehearse(
                api, "POST", f"{ENGINE}/instructions", instructions(TURN_ON, ADD_ADA)
            )

        assert answer == {
            "valid": True,
            "errors": [],
            "diff": [
                {"path": "$.enabled", "before": False, "after": True},
                {"path": '$.targets["b"]', "after": {"variation": "b", "keys": ["ada"]}},
            ],
            "sentences": ["turned on", "added 1 key to b"],
            "environments": ["production"],
            "affected": answer["affected"],
        }

    async def test_a_definitions_change_moves_every_environment(self, tmp_path: Path) -> None:
        """Archiving takes the flag from all of them; a name is told to nobody."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            archive = await rehearse(api, *CHANGES["archive"])
            segment = await rehearse_name(api)

        assert archive["environments"] == ["production", "staging"]
        assert segment["environments"] == []

    async def test_what_is_so_already_is_no_difference(self, tmp_path: Path) -> None:
        """The last change made is not taken for the one that was asked about."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch(ENGINE, {"enabled": True})
            answer = await rehearse_patch(api, {"enabled": True})

        assert (answer["valid"], answer["diff"], answer["sentences"]) == (True, [], [])

    async def test_a_conflict_is_an_error_of_the_whole(self, tmp_path: Path) -> None:
        """Such as archiving what another flag requires."""
        async with a_shop(tmp_path, a_new_flag(), a_string_flag()) as api:
            await api.patch(ENGINE, {"requires": [{"flag": "checkout", "is": ["on"]}]})
            body = {"archived": True}
            answer = await rehearse(api, "PATCH", "/projects/shop/flags/checkout", body)

        (error,) = answer["errors"]
        assert not answer["valid"]
        assert error["path"] == "$"
        assert "it is used by the flag 'engine' in shop/production" in error["message"]

    @pytest.mark.parametrize(
        ("path", "headers", "status"),
        [
            (f"{PRODUCTION}/flags/other", {}, 404),
            (ENGINE, {"if-match": '"other"'}, 412),
            (ENGINE, {"authorization": "Bearer none"}, 401),
        ],
    )
    async def test_what_is_no_fault_of_the_change_is_an_error_as_ever(
        self, tmp_path: Path, path: str, headers: dict[str, str], status: int
    ) -> None:
        """Nobody learns by a dry run what they may not see or change."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.ask(
                "PATCH",
                path,
                status=status,
                params={"dryRun": "true"},
                json={"enabled": True},
                headers=headers,
            )

    async def test_is_asked_for_in_so_many_words(self, tmp_path: Path) -> None:
        """Nothing is changed by a misspelt wish for a dry run."""
        asked: list[dict[str, Any]] = [{"dryrun": "true"}, {"dryRun": "maybe"}]
        async with a_shop(tmp_path, a_string_flag()) as api:
            before = await api.everything()
            for params in asked:
                await api.ask("PATCH", ENGINE, status=400, params=params, json={"enabled": True})

            assert await api.everything() == before

    async def test_is_described_beside_the_answer_of_a_change(self, tmp_path: Path) -> None:
        """A generated client knows both."""
        async with a_shop(tmp_path) as api:
            document = await api.get("/openapi.json")
        operation = document["paths"][f"/api/v1{PATH}"]["patch"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]

        assert [one["$ref"].rpartition("/")[2] for one in schema["anyOf"]] == [
            "FlagView",
            "Rehearsal",
        ]


PATH = "/projects/{project}/environments/{environment}/flags/{flag}"


async def rehearse_name(api: Api) -> Json:
    """Return what naming a segment would do."""
    await api.post("/projects/shop/segments", {"key": "people"})
    return await rehearse(api, *CHANGES["segment in its project"])
