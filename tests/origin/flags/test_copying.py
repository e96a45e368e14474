"""Copying a flag's targeting from one environment to another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders.api import PRODUCTION, STAGING, Api, Json, a_shop, a_string_flag, faults

HERE = f"{STAGING}/flags/engine"
THERE = f"{PRODUCTION}/flags/engine"

TRIED = {
    "enabled": True,
    "targets": [{"variation": "b", "keys": ["ada", "bob"]}],
    "rules": [{"id": "staff", "serve": {"variation": "c"}}],
    "track": "all",
}
"""What was tried out in staging."""


async def copy(api: Api, *, status: int = 200, **fields: Any) -> Json:
    """Copy the flag `engine` from staging to production."""
    return await api.post(f"{HERE}/copy", {"to": "production", **fields}, status)


async def a_viewer(api: Api, scope: str) -> str:
    """Return the secret of a token that may look at *scope*."""
    secret: str = (await api.post("/tokens", {"role": "viewer", "scope": [scope]}))["secret"]
    return secret


class TestDryRun:
    async def test_shows_what_would_be_different(self, tmp_path: Path) -> None:
        """Place by place and in sentences, with the versions that were compared."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            tried = await api.patch(HERE, TRIED)
            running = await api.patch(THERE, {"targets": [{"variation": "b", "keys": ["ada"]}]})
            before = await api.everything()
            shown = await copy(api, dryRun=True)

            assert await api.everything() == before
        assert shown["applied"] is False
        assert shown["versions"] == {"from": tried["version"], "to": running["version"]}
        assert {"path": "$.enabled", "before": False, "after": True} in shown["diff"]
        assert [one["path"] for one in shown["diff"]] == [
            "$.enabled",
            '$.targets["b"].keys["bob"]',
            '$.rules["staff"]',
            "$.track",
        ]
        assert shown["sentences"] == [
            "turned on",
            "added 1 key to b",
            "added the rule staff, which serves c",
            "sends all exposures as events",
        ]

    async def test_shows_only_what_is_included(self, tmp_path: Path) -> None:
        """The other parts stay as they are there."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch(HERE, TRIED)
            shown = await copy(api, dryRun=True, include=["rules", "default"])

        assert [one["path"] for one in shown["diff"]] == ['$.rules["staff"]']

    async def test_refuses_what_copying_would(self, tmp_path: Path) -> None:
        """A circle of prerequisites that closes only in the other environment."""
        other = a_string_flag("other")
        async with a_shop(tmp_path, a_string_flag(), other) as api:
            await api.patch(HERE, {"requires": [{"flag": "other", "is": ["a"]}]})
            await api.patch(
                f"{PRODUCTION}/flags/other", {"requires": [{"flag": "engine", "is": ["a"]}]}
            )
            problem = await copy(api, dryRun=True, status=400)

        assert faults(problem) == ["$.requires"]


class TestCopy:
    async def test_makes_what_was_shown(self, tmp_path: Path) -> None:
        """As one version there; the source stays as it is."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            tried = await api.patch(HERE, TRIED)
            shown = await copy(api, dryRun=True)
            copied = await copy(api, versions=shown["versions"])
            found = await api.get(THERE)
            source = await api.get(HERE)

        assert {name: found[name] for name in TRIED} == {name: tried[name] for name in TRIED}
        assert copied == {
            **shown,
            "applied": True,
            "versions": {"from": tried["version"], "to": shown["versions"]["to"] + 1},
            "propagation": found["propagation"],
        }
        assert source == tried

    @pytest.mark.parametrize("moved", [HERE, THERE], ids=["source", "target"])
    async def test_is_refused_once_either_has_moved_on(self, tmp_path: Path, moved: str) -> None:
        """What would be copied is no longer what was seen."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch(HERE, TRIED)
            shown = await copy(api, dryRun=True)
            await api.patch(moved, {"off": "c"})
            before = await api.everything()
            problem = await copy(api, versions=shown["versions"], status=412)

            assert await api.everything() == before
        assert moved.split("/")[4] in problem["detail"]

    async def test_is_told_in_the_audit_log(self, tmp_path: Path) -> None:
        """From where, as of which version, what it did, and why."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            tried = await api.patch(HERE, TRIED)
            shown = await copy(api, dryRun=True)
            await copy(api, versions=shown["versions"], include=["enabled"], comment="It works")
            record = (await api.get("/projects/shop/audit", limit=1))["items"][0]

        assert record["instructions"] == [
            {
                "kind": "copyFrom",
                "environment": "staging",
                "version": tried["version"],
                "include": ["enabled"],
            }
        ]
        assert record["summary"] == [
            f"copied from staging as of version {tried['version']}",
            "turned on",
        ]
        assert (record["environment"], record["comment"]) == ("shop/production", "It works")

    async def test_of_what_is_the_same_takes_no_version(self, tmp_path: Path) -> None:
        """No row, no version, no audit record."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            shown = await copy(api, dryRun=True)
            before = await api.everything()
            copied = await copy(api, versions=shown["versions"])

            assert await api.everything() == before
        assert (copied["diff"], copied["versions"]) == ([], shown["versions"])

    @pytest.mark.parametrize(
        ("fields", "status", "path"),
        [
            ({}, 400, "$.versions"),
            ({"dryRun": True, "to": "staging"}, 400, "$.to"),
            ({"dryRun": True, "to": "Production"}, 400, "$.to"),
            ({"dryRun": True, "include": []}, 400, "$.include"),
            ({"dryRun": True, "include": ["variations"]}, 400, "$.include[0]"),
            ({"dryRun": True, "to": "nowhere"}, 404, None),
        ],
        ids=str,
    )
    async def test_what_is_wrong_is_named(
        self, tmp_path: Path, fields: Json, status: int, path: str | None
    ) -> None:
        """And nothing happens."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            before = await api.everything()
            problem = await copy(api, status=status, **fields)

            assert await api.everything() == before
        assert [fault["path"] for fault in problem.get("errors", [])] == ([path] if path else [])

    async def test_needs_an_editor_there_and_a_viewer_here(self, tmp_path: Path) -> None:
        """Who may only read the other environment may see the diff, and no more."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch(HERE, TRIED)
            shown = await copy(api, dryRun=True)
            of_both, of_one = [await a_viewer(api, scope) for scope in ("shop", "shop/staging")]
            api.client.headers["authorization"] = f"Bearer {of_one}"
            await copy(api, dryRun=True, status=403)
            api.client.headers["authorization"] = f"Bearer {of_both}"
            await copy(api, dryRun=True)
            await copy(api, versions=shown["versions"], status=403)
            found = await api.get(THERE)

        assert found["enabled"] is False

    async def test_an_archived_target_takes_nothing(self, tmp_path: Path) -> None:
        """An environment that is archived is brought back first, and a dry run says so."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            shown = await copy(api, dryRun=True)
            await api.patch(PRODUCTION, {"archived": True})
            problem = await copy(api, versions=shown["versions"], status=409)
            told = await copy(api, dryRun=True, status=409)

        assert "The environment 'shop/production' is archived." in problem["detail"]
        assert told == problem
