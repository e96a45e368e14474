"""Some members of an external segment, added, excluded and removed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pennon.model.members import MembersDelta
from pennon.origin.changelog import positions
from tests.builders.api import PRODUCTION, STAGING, Json, faults
from tests.builders.members import MEMBERS, SEGMENT, an_external_segment, change, keys_of

NAME = "shop/production"
BAD: dict[str, Json] = {
    "$.add[0]": {"add": [""]},
    "$.add[1]": {"add": ["ada", " ada"]},
    "$.add[2]": {"add": ["ada", "bob", "a\nb"]},
    "$.exclude[0]": {"exclude": ["é" * 1025]},
    "$.exclude[1]": {"exclude": ["ada", "🙂" * 513]},
    "$.remove[0]": {"add": ["ada"], "remove": ["ada"]},
    "$.add": {"add": ["a"] * 1001},
    "$": {},
}
"""Changes that are wrong, by where."""


class TestChange:
    async def test_adds_excludes_and_removes(self, tmp_path: Path) -> None:
        """Each key is where it was last put; the counts follow."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada", "bob", "cyd"])
            changed = await change(api, exclude=["bob"], remove=["cyd", "nobody"])
            page = await api.get(MEMBERS)

        assert keys_of(page) == ["+ada", "-bob"]
        assert (page["included"], page["excluded"]) == (1, 1)
        assert changed["changes"] == {"added": 0, "excluded": 1, "removed": 1}
        assert changed["digest"] == page["digest"]

    async def test_is_told_to_followers(self, tmp_path: Path) -> None:
        """By the environment's next version, beside the segment's own bytes, which stay."""
        async with an_external_segment(tmp_path) as api:
            before = await api.published(NAME)
            changed = await change(api, add=["bob", "ada"], exclude=["eve"])
            after, last = await api.published(NAME), await api.last_change(NAME)

        generation = before.position.version + 1
        assert changed["generation"] == generation == after.position.version
        assert (after.items, after.digest) == (before.items, before.digest)
        assert last.item == before.items["segment", "vip"]
        assert last.members == MembersDelta(
            generation=generation, added=("ada", "bob"), excluded=("eve",)
        )

    async def test_that_changes_nothing_takes_no_version(self, tmp_path: Path) -> None:
        """No row, no version, no audit record."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"], exclude=["eve"])
            before = await api.everything()
            again = await change(api, add=["ada"], exclude=["eve"], remove=["nobody"])

            assert await api.everything() == before
        assert again["propagation"] is None

    async def test_is_on_record_without_its_keys(self, tmp_path: Path) -> None:
        """The log says how many, and the digests before and after; who made it, and why."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada", "bob"], comment="Early birds")
            record = (await api.get("/projects/shop/audit", limit=1))["items"][0]
            page = await api.get(MEMBERS)

        assert record["action"] == "segment.members_changed"
        assert record["summary"] == ["added 2 keys to the members"]
        assert record["comment"] == "Early birds"
        assert record["after"]["digest"] == page["digest"]
        assert "ada" not in str(record)

    async def test_is_a_version_of_the_segment(self, tmp_path: Path) -> None:
        """Its history tells of it."""
        async with an_external_segment(tmp_path) as api:
            changed = await change(api, add=["ada"])
            versions = (await api.get(f"{SEGMENT}/versions"))["items"]

        assert versions[0]["version"] == changed["generation"]
        assert versions[0]["summary"] == ["added 1 key to the members"]

    async def test_leaves_other_environments_alone(self, tmp_path: Path) -> None:
        """A segment has its members in each of them."""
        async with an_external_segment(tmp_path) as api:
            await api.patch(f"{STAGING}/segments/vip", {"external": {}})
            await change(api, add=["ada"])
            page = await api.get(f"{STAGING}/segments/vip/members")

        assert (page["items"], page["generation"]) == ([], 0)

    async def test_rehearsed_changes_nothing(self, tmp_path: Path) -> None:
        """The answer is what would be, at the generation that there is."""
        async with an_external_segment(tmp_path) as api:
            made = await change(api, add=["ada"])
            before = await api.everything()
            seen = await api.ask(
                "POST",
                f"{MEMBERS}/changes",
                status=200,
                params={"dryRun": "true"},
                json={"remove": ["ada"]},
            )

            assert await api.everything() == before
        assert (seen["dryRun"], seen["included"], seen["propagation"]) == (True, 0, None)
        assert seen["generation"] == made["generation"]

    async def test_is_refused_where_the_members_moved_on(self, tmp_path: Path) -> None:
        """If-Match names the generation that somebody has seen."""
        async with an_external_segment(tmp_path) as api:
            answer = await api.client.get(f"/api/v1{MEMBERS}")
            await change(api, add=["ada"])
            await api.ask(
                "POST",
                f"{MEMBERS}/changes",
                status=412,
                json={"add": ["bob"]},
                headers={"if-match": answer.headers["etag"]},
            )

    async def test_of_bad_keys_is_refused(self, tmp_path: Path) -> None:
        """All or none: the path leads to the key."""
        async with an_external_segment(tmp_path) as api:
            before = await api.everything()
            problems = [await change(api, status=400, **asked) for asked in BAD.values()]

            assert await api.everything() == before
        assert [faults(problem)[0] for problem in problems] == list(BAD)

    async def test_takes_the_longest_keys(self, tmp_path: Path) -> None:
        """As many bytes as an index of either database can hold."""
        longest = ["x" * 1024, "🙂" * 512]
        async with an_external_segment(tmp_path) as api:
            await change(api, add=longest)
            page = await api.get(MEMBERS)

        assert keys_of(page) == [f"+{key}" for key in longest]


class TestSegmentThatIsNotExternal:
    async def test_has_no_such_members(self, tmp_path: Path) -> None:
        """The answer says where they are."""
        async with an_external_segment(tmp_path) as api:
            path = f"{STAGING}/segments/vip/members"
            problem = await api.get(path, status=409)
            await change(api, add=["ada"], path=path, status=409)
            await api.get(f"{PRODUCTION}/segments/ghost/members", status=404)

        assert "keeps its members in itself" in problem["detail"]

    async def test_becomes_one_and_back_while_it_is_empty(self, tmp_path: Path) -> None:
        """With members it stays external, and of its kind: keys of another kind are others'."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            for other in (None, {"kind": "device"}):
                await api.patch(SEGMENT, {"external": other}, 409)
            await change(api, remove=["ada"])
            changed = await api.patch(SEGMENT, {"external": None})

        assert changed["external"] is None

    async def test_cannot_become_one_with_lists(self, tmp_path: Path) -> None:
        """A key is looked for in one place."""
        async with an_external_segment(tmp_path) as api:
            lists = {"include": [{"keys": ["ada"]}]}
            problem = await api.patch(SEGMENT, lists, 400)

        assert faults(problem) == ["$.external"]


class TestArchivedSegment:
    async def test_keeps_its_members(self, tmp_path: Path) -> None:
        """Nobody changes them meanwhile; deleted and restored it has them still."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            one = "/projects/shop/segments/vip"
            await api.patch(one, {"archived": True})
            await change(api, add=["bob"], status=409)
            await api.ask("DELETE", one, status=200)
            await api.get(MEMBERS, status=404)
            await api.ask("POST", "/projects/shop/deleted/segment/vip/restore", status=200)
            await api.patch(one, {"archived": False})
            page = await api.get(MEMBERS)

        assert keys_of(page) == ["+ada"]

    async def test_purged_is_without_members(self, tmp_path: Path) -> None:
        """Another that gets its key begins with none."""
        async with an_external_segment(tmp_path) as api:
            await change(api, add=["ada"])
            one = "/projects/shop/segments/vip"
            await api.patch(one, {"archived": True})
            await api.ask("DELETE", one, status=200)
            await api.ask("DELETE", "/projects/shop/deleted/segment/vip", status=200)
            await api.post("/projects/shop/segments", {"key": "vip"})
            await api.patch(SEGMENT, {"external": {}})
            page = await api.get(MEMBERS)

        assert (page["items"], page["generation"]) == ([], 0)


class TestProtectedEnvironment:
    async def test_lets_approvers_change_members(self, tmp_path: Path) -> None:
        """A request for approval could not show ten million keys to who reads it."""
        async with an_external_segment(tmp_path) as api:
            await api.patch(PRODUCTION, {"approvals": {"required": 1}})
            token = await api.post("/tokens", {"name": "ci", "role": "editor", "scope": "*"})
            refused = await api.ask(
                "POST",
                f"{MEMBERS}/changes",
                status=403,
                json={"add": ["ada"]},
                headers={"authorization": f"Bearer {token['secret']}"},
            )
            await change(api, add=["ada"])

        assert "approver" in refused["detail"]


class TestVersions:
    async def test_stay_dense(self, tmp_path: Path) -> None:
        """A change of members is a change of its environment like any other."""
        async with an_external_segment(tmp_path) as api:
            start = await api.origin.read(partial(positions, environments=[NAME]))
            for key in ("a", "b", "c"):
                await change(api, add=[key])
            await api.patch(SEGMENT, {"rules": [{"id": "all"}]})
            end = await api.origin.read(partial(positions, environments=[NAME]))

        assert end[NAME].position.version == start[NAME].position.version + 4
