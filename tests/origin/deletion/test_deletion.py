"""Deleting, restoring and purging, over the API."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from pennon.origin.deletion.purging import purge_expired
from tests.builders.api import PRODUCTION, Api, Json, a_new_flag, a_shop, a_string_flag
from tests.builders.events import a_batch, a_count

ENGINE = "/projects/shop/flags/engine"
PEOPLE = "/projects/shop/segments/people"
DELETED = "/projects/shop/deleted"
DAY = 24 * 60 * 60 * 1000


async def delete(api: Api, path: str, status: int = 200) -> Json:
    """Return the answer to a removal."""
    return await api.ask("DELETE", path, status=status)


async def restore(api: Api, resource: str, status: int = 200) -> Json:
    """Return the answer to bringing back what was deleted."""
    return await api.ask("POST", f"{DELETED}/{resource}/restore", status=status)


async def archive(api: Api, path: str) -> None:
    """Archive a flag or a segment."""
    await api.patch(path, {"archived": True})


async def actions(api: Api, count: int) -> list[str]:
    """Return what was done last, newest first."""
    records = await api.get("/projects/shop/audit", limit=count)
    return [record["action"] for record in records["items"]]


class TestDelete:
    async def test_takes_only_what_is_archived(self, tmp_path: Path) -> None:
        """What somebody may still be served cannot go in one step."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            before = await api.everything()
            problem = await delete(api, ENGINE, 409)

            assert await api.everything() == before
        assert problem["detail"] == "The flag 'engine' is not archived. Archive it first."

    async def test_leaves_nothing_to_be_found(self, tmp_path: Path) -> None:
        """In its project, in an environment, in lists of the archived."""
        async with a_shop(tmp_path, a_string_flag(tags=["x"])) as api:
            await archive(api, ENGINE)
            await delete(api, ENGINE)
            await api.get(ENGINE, status=404)
            await api.get(f"{PRODUCTION}/flags/engine", status=404)
            await api.patch(f"{PRODUCTION}/flags/engine", {"enabled": True}, 404)
            archived = await api.get("/projects/shop/flags", archived="true")
            listed = await api.get(DELETED)

        assert archived["items"] == []
        assert [(one["kind"], one["key"]) for one in listed["items"]] == [("flag", "engine")]

    async def test_tells_no_follower(self, tmp_path: Path) -> None:
        """They were told when it was archived."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await archive(api, ENGINE)
            before = await api.published("shop/production")
            await delete(api, ENGINE)

            assert await api.published("shop/production") == before

    @pytest.mark.parametrize("kind", ["flag", "segment"])
    async def test_keeps_the_key(self, tmp_path: Path, kind: str) -> None:
        """Nothing else is created under it until it is purged."""
        path = f"/projects/shop/{kind}s"
        new = a_new_flag("people") if kind == "flag" else {"key": "people"}
        async with a_shop(tmp_path) as api:
            await api.post(path, new)
            await archive(api, f"{path}/people")
            await delete(api, f"{path}/people")
            problem = await api.post(path, new, 409)
            await delete(api, f"{DELETED}/{kind}/people")
            await api.post(path, new)

        assert "stays taken until it is purged" in problem["detail"]

    async def test_is_refused_if_it_moved_on(self, tmp_path: Path) -> None:
        """By the tag of what was read."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            tag = (await api.client.get(f"/api/v1{ENGINE}")).headers["etag"]
            await archive(api, ENGINE)
            await api.ask("DELETE", ENGINE, status=412, headers={"if-match": tag})


class TestRestore:
    async def test_brings_a_flag_back_as_it_was(self, tmp_path: Path) -> None:
        """Archived, with its targeting, its tags and its salt: nobody is served anything else."""
        targeted = {"enabled": True, "rules": [{"id": "one", "serve": {"variation": "b"}}]}
        async with a_shop(tmp_path, a_string_flag(tags=["x", "y"], owner="ada")) as api:
            await api.patch(f"{PRODUCTION}/flags/engine", targeted)
            await archive(api, ENGINE)
            before = await api.everything()
            await delete(api, ENGINE)
            restored = await restore(api, "flag/engine")
            after = await api.everything()
            done = await actions(api, 2)
            await api.patch(ENGINE, {"archived": False})

        for table in ("audit", "audit_heads"):
            del before[table], after[table]
        assert after == before
        assert restored == {"project": "shop", "kind": "flag", "key": "engine"}
        assert done == ["flag.restored", "flag.deleted"]

    async def test_brings_a_segment_back_as_it_was(self, tmp_path: Path) -> None:
        """With its members."""
        async with a_shop(tmp_path) as api:
            await api.post("/projects/shop/segments", {"key": "people"})
            members = {"include": [{"keys": ["ada"]}]}
            await api.patch(f"{PRODUCTION}/segments/people", members)
            await archive(api, PEOPLE)
            await delete(api, PEOPLE)
            await restore(api, "segment/people")
            segment = await api.get(f"{PRODUCTION}/segments/people")

        assert (segment["archived"], segment["include"][0]["keys"]) == (True, ["ada"])

    @pytest.mark.parametrize("kind", ["flag", "segment"])
    async def test_into_environments_that_were_created_meanwhile(
        self, tmp_path: Path, kind: str
    ) -> None:
        """It starts there as a new one would, and can be brought into use."""
        path = f"/projects/shop/{kind}s"
        async with a_shop(tmp_path) as api:
            await api.post(path, a_string_flag() if kind == "flag" else {"key": "engine"})
            await archive(api, f"{path}/engine")
            await delete(api, f"{path}/engine")
            await api.post("/projects/shop/environments", {"key": "test"})
            await restore(api, f"{kind}/engine")
            await api.patch(f"{path}/engine", {"archived": False})
            there = await api.published("shop/test")

        assert (kind, "engine") in there.items

    async def test_what_is_not_deleted_is_not_found(self, tmp_path: Path) -> None:
        """Nor what was restored already, nor what is of no kind that there is."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await archive(api, ENGINE)
            await restore(api, "flag/engine", 404)
            await delete(api, ENGINE)
            await restore(api, "thing/engine", 404)
            await restore(api, "flag/engine")
            await restore(api, "flag/engine", 404)


class TestPurge:
    async def test_is_final_and_told(self, tmp_path: Path) -> None:
        """What it was stays in the audit log."""
        async with a_shop(tmp_path, a_string_flag(name="Engine")) as api:
            await archive(api, ENGINE)
            await delete(api, ENGINE)
            await delete(api, f"{DELETED}/flag/engine")
            await restore(api, "flag/engine", 404)
            (record,) = (await api.get("/projects/shop/audit", limit=1))["items"]

        assert record["action"] == "flag.purged"
        assert (record["before"]["name"], record["after"]) == ("Engine", None)

    async def test_takes_its_counts_along(self, tmp_path: Path) -> None:
        """Another flag of its name was never asked for; its neighbours were."""
        async with a_shop(tmp_path, a_new_flag("old"), a_new_flag("other")) as api:
            counts = a_count(flag="old"), a_count(flag="other")
            await api.origin.intake.take(a_batch(*counts))
            await archive(api, "/projects/shop/flags/old")
            await delete(api, "/projects/shop/flags/old")
            await delete(api, f"{DELETED}/flag/old")
            await api.post("/projects/shop/flags", a_new_flag("old"))
            known = (await api.get("/projects/shop/flags"))["items"]
            counted = (await api.get(f"{PRODUCTION}/flags/old/evaluations"))["totals"]

        assert [one["lastRequestedAt"] is None for one in known] == [True, False]
        assert counted == []

    async def test_comes_by_itself_after_a_time(self, tmp_path: Path) -> None:
        """What was deleted longer ago goes, the rest stays."""
        async with a_shop(tmp_path, a_new_flag("old"), a_new_flag("young")) as api:
            for key in ("old", "young"):
                await archive(api, f"/projects/shop/flags/{key}")
                await delete(api, f"/projects/shop/flags/{key}")
                api.clock.now += DAY
            await purge_expired(api.origin, DAY + 1)
            kept = (await api.get(DELETED))["items"]
            (record,) = (await api.get("/projects/shop/audit", limit=1))["items"]

        assert [one["key"] for one in kept] == ["young"]
        assert (record["actor"]["id"], record["action"]) == ("pennon", "flag.purged")

    async def test_of_several_origins_is_told_once(self, tmp_path: Path) -> None:
        """The others find it gone."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await archive(api, ENGINE)
            await delete(api, ENGINE)
            api.clock.now += DAY
            await asyncio.gather(*(purge_expired(api.origin, 0) for _ in range(4)))
            done = await actions(api, 3)

        assert done == ["flag.purged", "flag.deleted", "flag.archived"]
