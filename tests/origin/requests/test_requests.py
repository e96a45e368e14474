"""Changes that others approve before they are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders.api import PRODUCTION, STAGING, Api, Json, a_shop, a_string_flag

ENGINE = f"{PRODUCTION}/flags/engine"
REQUESTS = f"{PRODUCTION}/change-requests"
TURN_ON: Json = {"kind": "turnOn"}
ADD_RULE: Json = {"kind": "addRule", "rule": {"serve": {"variation": "b"}}}


class People:
    """Who takes part, each with a token of their own."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._tokens: dict[str, str] = {}

    async def ask(self, who: str, method: str, path: str, status: int = 200, **more: Any) -> Json:
        """Return the answer to what somebody asks; a name's first letter says the role."""
        if who not in self._tokens:
            role = {"e": "editor", "a": "approver", "v": "viewer"}[who[0]]
            body = {"name": who, "role": role, "scope": "*"}
            self._tokens[who] = (await self.api.post("/tokens", body))["secret"]
        headers = {"authorization": f"Bearer {self._tokens[who]}"}
        return await self.api.ask(method, path, status=status, headers=headers, **more)

    async def propose(self, *instructions: Json, status: int = 201, **fields: Any) -> Json:
        """Let Eve propose instructions to the flag `engine`, unless *fields* say otherwise."""
        body = {"flag": "engine", **fields}
        if instructions:
            body["instructions"] = list(instructions)
        return await self.ask("eve", "POST", REQUESTS, status, json=body)

    async def review(
        self, who: str, request: Json, verdict: str = "approve", status: int = 200
    ) -> Json:
        """Let somebody say what they think of a request."""
        path = f"{REQUESTS}/{request['id']}/review"
        return await self.ask(who, "POST", path, status, json={"verdict": verdict})

    async def act(self, who: str, request: Json, verb: str, status: int = 200) -> Json:
        """Let somebody apply or withdraw a request."""
        return await self.ask(who, "POST", f"{REQUESTS}/{request['id']}/{verb}", status)


async def protect(api: Api, required: int = 1) -> People:
    """Let production require approvals, and return the people that the tests are about."""
    await api.patch(PRODUCTION, {"approvals": {"required": required}})
    return People(api)


class TestDirectChanges:
    async def test_are_refused_where_approval_is_required(self, tmp_path: Path) -> None:
        """In every form, by everyone, and the answer says where to propose them."""
        put = {"enabled": True, "default": {"variation": "c"}}
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "people"})
            await protect(api)
            before = await api.everything()
            problem = await api.patch(ENGINE, {"enabled": True}, 409)
            await api.ask("PUT", ENGINE, status=409, json=put, headers={"if-match": "*"})
            await api.post(f"{ENGINE}/instructions", {"instructions": [TURN_ON]}, 409)
            members = {"include": [{"keys": ["ada"]}]}
            await api.patch(f"{PRODUCTION}/segments/people", members, 409)

            assert await api.everything() == before
        assert problem["detail"].endswith(f"POST /api/v1{REQUESTS}")

    async def test_are_made_elsewhere_as_ever(self, tmp_path: Path) -> None:
        """Each environment has its own setting, and none is the default."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await protect(api)
            changed = await api.patch(f"{STAGING}/flags/engine", {"enabled": True})
            shown = await api.get(STAGING)

        assert changed["enabled"]
        assert shown["approvals"] == {"required": 0}

    async def test_cannot_go_back_in_history_either(self, tmp_path: Path) -> None:
        """A rollback is a change like any other."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            first = (await api.get(ENGINE))["version"]
            await api.patch(ENGINE, {"enabled": True})
            await protect(api)
            await api.post(f"{ENGINE}/rollback", {"version": first}, 409)


class TestPropose:
    async def test_says_what_would_be_different_and_changes_nothing(self, tmp_path: Path) -> None:
        """The flag is what it was; the request knows what it would be."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            before = await api.published("shop/production")
            request = await people.propose(TURN_ON, comment="for the sale")

            assert await api.published("shop/production") == before
        assert request["effect"] == {
            "diff": [{"path": "$.enabled", "before": False, "after": True}],
            "sentences": ["turned on"],
        }
        assert (request["status"], request["comment"]) == ("open", "for the sale")
        assert (request["approvals"], request["required"]) == (0, 1)

    @pytest.mark.parametrize(
        ("body", "status", "path"),
        [
            (
                {"instructions": [{"kind": "setDefault", "variation": "z"}]},
                400,
                "$.instructions[0]",
            ),
            ({"instructions": [{"kind": "explode"}]}, 400, "$.instructions[0]"),
            ({"instructions": []}, 400, "$.instructions"),
            ({"patch": {"enabled": "yes"}}, 400, "$.patch.enabled"),
            ({"patch": {"enabled": True}, "instructions": [TURN_ON]}, 400, "$"),
            ({"patch": {"enabled": True}, "segment": "people"}, 400, "$"),
            ({"patch": {"enabled": False}}, 409, None),
            ({"patch": {"enabled": True}, "flag": "other"}, 404, None),
        ],
    )
    async def test_what_cannot_be_made_cannot_be_proposed(
        self, tmp_path: Path, body: Json, status: int, path: str | None
    ) -> None:
        """The fault is told now, not to whoever applies it later."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            problem = await people.propose(status=status, **body)
            listed = await api.get(REQUESTS)

        assert listed["items"] == []
        if path is not None:
            assert problem["errors"][0]["path"].startswith(path)

    async def test_are_listed_in_their_order(self, tmp_path: Path) -> None:
        """Of one status where that is asked for."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            requests = []
            for variation in "bc":
                api.clock.now += 1
                requests.append(
                    await people.propose({"kind": "setDefault", "variation": variation})
                )
            await people.act("eve", requests[0], "withdraw")
            pages = await api.pages(REQUESTS, 1)
            still_open = await api.get(f"{REQUESTS}?status=open")

        assert [[one["id"] for one in page] for page in pages] == [[it["id"]] for it in requests]
        assert [one["id"] for one in still_open["items"]] == [requests[1]["id"]]


class TestReview:
    async def test_is_for_another_person(self, tmp_path: Path) -> None:
        """Nobody approves what they have proposed, whatever their role."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            body = {"flag": "engine", "instructions": [TURN_ON]}
            request = await people.ask("ann", "POST", REQUESTS, 201, json=body)
            await people.review("ann", request, status=403)
            approved = await people.review("abe", request)

        assert approved["approvals"] == 1

    async def test_is_for_approvers(self, tmp_path: Path) -> None:
        """An editor may propose and apply."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(TURN_ON)
            await people.review("eli", request, status=403)

    async def test_counts_each_person_once(self, tmp_path: Path) -> None:
        """Who approves twice has approved."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api, required=2)
            request = await people.propose(TURN_ON)
            await people.review("ann", request)
            again = await people.review("ann", request)
            await people.act("eve", request, "apply", 409)
            await people.review("abe", request)
            applied = await people.act("eve", request, "apply")

        assert again["approvals"] == 1
        assert applied["status"] == "applied"

    async def test_a_rejection_ends_it(self, tmp_path: Path) -> None:
        """It can be neither approved nor applied after that."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(TURN_ON)
            rejected = await people.review("ann", request, "reject")
            await people.review("abe", request, status=409)
            await people.act("eve", request, "apply", 409)
            shown = await api.get(f"{REQUESTS}/{request['id']}")

        assert rejected["status"] == "rejected"
        assert (shown["now"], shown["current"]) == (None, False)


class TestApply:
    async def test_needs_the_approvals(self, tmp_path: Path) -> None:
        """Until then it is refused, and nothing changes."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(TURN_ON)
            before = await api.published("shop/production")
            problem = await people.act("eve", request, "apply", 409)

            assert await api.published("shop/production") == before
        assert problem["detail"] == "The change has 0 of the 1 approvals that it needs."

    async def test_makes_the_change_and_tells_of_each_step(self, tmp_path: Path) -> None:
        """With the comment of who proposed it, and the version that it took."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(TURN_ON, comment="for the sale")
            await people.review("ann", request)
            applied = await people.act("eve", request, "apply")
            flag = await api.get(ENGINE)
            records = (await api.get("/projects/shop/audit", limit=4))["items"]

        assert flag["enabled"]
        assert applied["version"] == flag["version"]
        assert [record["action"] for record in records] == [
            "request.applied",
            "flag.updated",
            "request.approved",
            "request.proposed",
        ]
        assert records[1]["comment"] == "for the sale"

    async def test_by_a_patch_and_of_a_segment(self, tmp_path: Path) -> None:
        """What can be changed directly elsewhere can be proposed here."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "people"})
            people = await protect(api)
            add = {"kind": "addMembers", "list": "include", "keys": ["ada"]}
            bodies: list[Json] = [
                {"patch": {"enabled": True}},
                {"flag": None, "segment": "people", "instructions": [add]},
                {"flag": None, "segment": "people", "patch": {"include": []}},
            ]
            for body in bodies:
                request = await people.propose(**body)
                await people.review("ann", request)
                await people.act("eve", request, "apply")
            flag = await api.get(ENGINE)
            segment = await api.get(f"{PRODUCTION}/segments/people")

        assert flag["enabled"]
        assert segment["include"] == []

    async def test_gives_a_new_rule_the_id_that_was_approved(self, tmp_path: Path) -> None:
        """The diff that was seen is the diff that is made."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(ADD_RULE)
            await people.review("ann", request)
            await people.act("eve", request, "apply")
            (rule,) = (await api.get(ENGINE))["rules"]

        assert request["effect"]["diff"][0]["after"]["id"] == rule["id"]

    async def test_another_change_beside_it_is_no_matter(self, tmp_path: Path) -> None:
        """The flag has moved on, and the change still does exactly what was approved."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(TURN_ON)
            await people.review("ann", request)
            await api.patch(PRODUCTION, {"approvals": {"required": 0}})
            await api.patch(ENGINE, {"track": "all"})
            await api.patch(PRODUCTION, {"approvals": {"required": 1}})
            shown = await api.get(f"{REQUESTS}/{request['id']}")
            await people.act("eve", request, "apply")
            flag = await api.get(ENGINE)

        assert shown["current"]
        assert (flag["enabled"], flag["track"]) == (True, "all")

    @pytest.mark.parametrize("meanwhile", [{"default": {"variation": "c"}}, {"rules": []}])
    async def test_a_change_that_alters_what_it_does_is_a_conflict(
        self, tmp_path: Path, meanwhile: Json
    ) -> None:
        """Another value is replaced than was seen, or what is to change is gone."""
        rule = {"id": "one", "serve": {"variation": "b"}}
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch(ENGINE, {"rules": [rule]})
            people = await protect(api)
            request = await people.propose(
                {"kind": "setDefault", "variation": "b"},
                {"kind": "updateRule", "ruleId": "one", "name": "Uno"},
            )
            await people.review("ann", request)
            await api.patch(PRODUCTION, {"approvals": {"required": 0}})
            await api.patch(ENGINE, meanwhile)
            before = await api.everything()
            shown = await api.get(f"{REQUESTS}/{request['id']}")
            await people.act("eve", request, "apply", 409)
            after = await api.everything()

        assert not shown["current"]
        del before["tokens"], after["tokens"]
        assert after == before

    async def test_of_what_was_deleted_since_is_not_possible(self, tmp_path: Path) -> None:
        """The request can still be looked at, and says so."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(TURN_ON)
            await api.patch("/projects/shop/flags/engine", {"archived": True})
            await api.ask("DELETE", "/projects/shop/flags/engine", status=200)
            shown = await api.get(f"{REQUESTS}/{request['id']}")

        assert not shown["current"]
        assert shown["now"]["errors"] == [{"path": "$", "message": "There is no flag 'engine'."}]

    async def test_is_done_once(self, tmp_path: Path) -> None:
        """What is over stays over."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(TURN_ON)
            await people.review("ann", request)
            await people.act("eve", request, "apply")
            problem = await people.act("eve", request, "apply", 409)

        assert problem["detail"] == "The change request is applied already."


class TestWithdraw:
    async def test_is_for_who_proposed_it(self, tmp_path: Path) -> None:
        """And for administrators of the environment."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            first, second = [await people.propose(TURN_ON) for _ in range(2)]
            await people.act("ann", first, "withdraw", 403)
            mine = await people.act("eve", first, "withdraw")
            path = f"{REQUESTS}/{second['id']}/withdraw"
            theirs = await api.ask("POST", path, status=200)

        assert mine["status"] == theirs["status"] == "withdrawn"

    async def test_another_environments_request_is_not_found(self, tmp_path: Path) -> None:
        """Who may act in one environment cannot reach into another by an id."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            people = await protect(api)
            request = await people.propose(TURN_ON)
            await api.get(f"{STAGING}/change-requests/{request['id']}", status=404)
