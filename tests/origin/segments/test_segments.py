"""Segments: in their project, and in each environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.model.codec import decode_segment
from pennon.origin.changelog import positions
from tests.builders.api import PRODUCTION, STAGING, Api, Json, a_new_flag, a_shop, faults

BETA = f"{PRODUCTION}/segments/beta"


async def create_segments(api: Api, *keys: str) -> None:
    """Create segments without members."""
    for key in keys:
        await api.post("/projects/shop/segments", {"key": key})


def uses(segment: str) -> Json:
    """Return a patch that makes a segment of those who are in another."""
    return {"rules": [{"id": "one", "when": [{"segment": segment}]}]}


class TestCreateSegment:
    async def test_is_published_in_every_environment(self, tmp_path: Path) -> None:
        """Without members, with the same salt."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            wholes = [await api.published(e) for e in ("shop/production", "shop/staging")]

        segments = [decode_segment(whole.items["segment", "beta"]) for whole in wholes]
        assert segments[0] == segments[1]
        assert (segments[0].include, len(segments[0].salt)) == ((), 16)

    async def test_a_taken_key_is_a_conflict(self, tmp_path: Path) -> None:
        """Nothing is overwritten."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            before = await api.everything()
            await api.post("/projects/shop/segments", {"key": "beta"}, 409)

            assert await api.everything() == before


class TestReplaceMembership:
    async def test_what_is_left_out_is_empty(self, tmp_path: Path) -> None:
        """The body is the whole of it, and takes one version."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            before = await api.patch(BETA, {"include": [{"keys": ["ada"]}]})
            body = {"exclude": [{"keys": ["eve"]}]}
            shown = await api.ask("PUT", BETA, status=200, json=body, headers={"if-match": "*"})

        assert (shown["include"], shown["exclude"]) == ([], [{"keys": ["eve"]}])
        assert shown["version"] == before["version"] + 1

    async def test_names_the_state_that_it_was_made_from(self, tmp_path: Path) -> None:
        """Without it, it would take back unseen what others did; with an older one it does."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            read = await api.client.get(f"/api/v1{BETA}")
            await api.patch(BETA, {"include": [{"keys": ["ada"]}]})
            older = {"if-match": read.headers["etag"]}
            await api.ask("PUT", BETA, status=428, json={})
            await api.ask("PUT", BETA, status=412, json={}, headers=older)
            shown = await api.get(BETA)

        assert shown["include"] == [{"keys": ["ada"]}]

    async def test_can_be_rehearsed(self, tmp_path: Path) -> None:
        """As every change of a segment."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            before = await api.everything()
            body = {"include": [{"keys": ["ada"]}]}
            told = await api.ask(
                "PUT", f"{BETA}?dryRun=true", status=200, json=body, headers={"if-match": "*"}
            )

            assert await api.everything() == before
        assert told["sentences"] == ["added 1 key to the included"]


class TestUpdateMembership:
    async def test_takes_a_version_and_reaches_followers(self, tmp_path: Path) -> None:
        """The bytes in the changelog are the segment that the answer shows."""
        patch = {
            "include": [{"keys": ["ada"]}],
            "exclude": [{"kind": "device", "keys": ["d1"]}],
            "rules": [
                {
                    "id": "loyal",
                    "when": [{"attribute": "orders", "op": "greaterThan", "values": [9]}],
                    "weight": 10_000,
                }
            ],
        }
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            shown = await api.patch(BETA, patch)
            change = await api.last_change("shop/production")

        segment = decode_segment(change.item or b"")
        assert (change.kind, change.position.version) == ("segment", shown["version"])
        assert segment.include[0].keys == ("ada",)
        assert segment.rules[0].weight == 10_000

    @pytest.mark.parametrize(
        ("patch", "path"),
        [
            ({"includes": []}, "$.includes"),
            ({"name": "x"}, "$.name"),
            ({"include": [{"keys": "ada"}]}, "$.include[0].keys"),
            ({"include": [{"key": ["ada"]}]}, "$.include[0].key"),
            ({"rules": [{"id": "a", "weight": 100_001}]}, "$.rules[0].weight"),
            ({"rules": [{"when": []}]}, "$.rules[0].id"),
            (uses("ghost"), "$.rules[0].when[0].segment"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_what_is_wrong_is_named_and_nothing_happens(
        self, tmp_path: Path, patch: Json, path: str
    ) -> None:
        """No row, no version, no audit record."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            before = await api.everything()
            problem = await api.patch(BETA, patch, 400)

            assert await api.everything() == before
        assert path in faults(problem)

    async def test_segments_must_not_lead_back(self, tmp_path: Path) -> None:
        """The error shows the way round; each environment stands for itself."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "a", "b", "c")
            await api.patch(f"{PRODUCTION}/segments/a", uses("b"))
            await api.patch(f"{PRODUCTION}/segments/b", uses("c"))
            await api.patch(f"{STAGING}/segments/c", uses("a"))
            before = await api.everything()
            problem = await api.patch(f"{PRODUCTION}/segments/c", uses("a"), 400)

            assert await api.everything() == before
        assert faults(problem) == ["$.rules"]


class TestUpdateSegment:
    async def test_no_follower_is_told_of_a_name(self, tmp_path: Path) -> None:
        """Names and descriptions stay at the origin."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            before = await api.origin.read(positions)
            await api.patch("/projects/shop/segments/beta", {"name": "B", "tags": ["x"]})

            assert await api.origin.read(positions) == before

    async def test_archiving_is_refused_while_a_flag_uses_it(self, tmp_path: Path) -> None:
        """The error names the flag and the environment."""
        rule = {"id": "r", "when": [{"not": {"segment": "beta"}}], "serve": {"variation": "on"}}
        async with a_shop(tmp_path, a_new_flag()) as api:
            await create_segments(api, "beta")
            await api.patch(f"{STAGING}/flags/checkout", {"rules": [rule]})
            before = await api.everything()
            problem = await api.patch("/projects/shop/segments/beta", {"archived": True}, 409)

            assert await api.everything() == before
        assert "the flag 'checkout' in shop/staging" in problem["detail"]

    async def test_archiving_can_be_undone(self, tmp_path: Path) -> None:
        """The segment goes from every environment and comes back as it was."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta")
            await api.patch(BETA, {"include": [{"keys": ["ada"]}]})
            await api.patch("/projects/shop/segments/beta", {"archived": True})
            gone = await api.published("shop/production")
            await api.patch(BETA, {"include": []}, 409)
            await api.patch("/projects/shop/segments/beta", {"archived": False})
            back = await api.get(BETA)

        assert gone.items == {}
        assert back["include"] == [{"keys": ["ada"]}]

    async def test_lists_and_searches(self, tmp_path: Path) -> None:
        """In the project and in an environment."""
        async with a_shop(tmp_path) as api:
            await create_segments(api, "beta", "alpha")
            await api.patch("/projects/shop/segments/beta", {"name": "Early birds"})
            everyone = await api.get("/projects/shop/segments")
            found = await api.get(f"{PRODUCTION}/segments", q="early")

        assert [one["key"] for one in everyone["items"]] == ["alpha", "beta"]
        assert [one["key"] for one in found["items"]] == ["beta"]
