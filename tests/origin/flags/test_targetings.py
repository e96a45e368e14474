"""A flag's part that an environment has for itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from pennon.model.codec import decode_flag
from pennon.origin.changelog import positions
from tests.builders.api import (
    PRODUCTION,
    STAGING,
    Json,
    a_new_flag,
    a_shop,
    a_string_flag,
    faults,
)

ENGINE = f"{PRODUCTION}/flags/engine"


def a_rule(**fields: Any) -> Json:
    """Return a rule that serves `b` to everyone, unless *fields* say otherwise."""
    return {"id": "one", "serve": {"variation": "b"}, **fields}


def a_clause(op: str, *values: Any, **fields: Any) -> Json:
    """Return a clause on the attribute `x`."""
    return {"attribute": "x", "op": op, "values": list(values), **fields}


def a_split(*shares: tuple[str, int]) -> Json:
    """Return a split, to be patched over a plain variation."""
    return {
        "variation": None,
        "split": [{"variation": name, "weight": weight} for name, weight in shares],
    }


class TestUpdateFlag:
    async def test_takes_the_next_version_of_its_environment(self, tmp_path: Path) -> None:
        """Other environments do not move."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.origin.read(positions)
            changed = await api.patch(f"{PRODUCTION}/flags/checkout", {"enabled": True})
            after = await api.origin.read(positions)

        version = before["shop/production"].position.version + 1
        assert changed["version"] == version
        assert after["shop/production"].position.version == version
        assert after["shop/staging"] == before["shop/staging"]
        assert changed["propagation"] == f"/api/v1{PRODUCTION}/versions/{version}/propagation"

    async def test_what_is_answered_is_what_is_published(self, tmp_path: Path) -> None:
        """The bytes in the changelog are the flag that the answer shows."""
        patch = {
            "enabled": True,
            "targets": [{"variation": "c", "keys": ["ada"]}],
            "rules": [a_rule(when=[a_clause("in", 1, None, "x")])],
            "default": a_split(("a", 40_000), ("b", 60_000)),
            "track": "all",
        }
        async with a_shop(tmp_path, a_string_flag()) as api:
            shown = await api.patch(ENGINE, patch)
            change = await api.last_change("shop/production")

        flag = decode_flag(change.item or b"")
        assert flag.version == shown["version"] == change.position.version
        assert (flag.enabled, flag.track) == (True, "all")
        assert [entry.weight for entry in flag.default.split or ()] == [40_000, 60_000]
        assert shown["default"] == {"split": patch["default"]["split"]}  # type: ignore[index]

    async def test_what_is_answered_is_what_is_shown(self, tmp_path: Path) -> None:
        """Also by its entity tag, by which the next change may name it."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            api.clock.now += 1
            changed = await api.client.patch(
                f"/api/v1{ENGINE}",
                json={"enabled": True, "rules": [a_rule(when=[a_clause("in", 1, 1.0, "x")])]},
            )
            shown = await api.client.get(f"/api/v1{ENGINE}")

        assert changed.json() == shown.json()
        assert changed.headers["etag"] == shown.headers["etag"]

    async def test_a_patch_that_changes_nothing_does_nothing(self, tmp_path: Path) -> None:
        """No version, no row, no audit record."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch(f"{PRODUCTION}/flags/checkout", {"enabled": True})
            before = await api.everything()
            await api.patch(f"{PRODUCTION}/flags/checkout", {"enabled": True})

            assert await api.everything() == before

    async def test_from_one_to_true_is_a_change(self, tmp_path: Path) -> None:
        """A condition on the number matches others than one on the boolean."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            for value in (1, True):
                rule = a_rule(when=[a_clause("in", value)])
                changed = await api.patch(ENGINE, {"rules": [rule]})

        assert changed["rules"][0]["when"][0]["values"] == [True]
        assert changed["rules"][0]["when"][0]["values"][0] is True

    async def test_concurrent_changes_are_all_kept(self, tmp_path: Path) -> None:
        """Each patch is applied to what the one before left."""
        flags = [a_new_flag(f"flag-{n}") for n in range(10)]
        async with a_shop(tmp_path, *flags) as api:
            start = (await api.origin.read(positions))["shop/production"].position.version
            changed = await asyncio.gather(
                *(
                    api.patch(f"{PRODUCTION}/flags/flag-{n % 10}", patch)
                    for n in range(10)
                    for patch in ({"enabled": True}, {"track": "all"})
                )
            )
            page = await api.get(f"{PRODUCTION}/flags")

        assert sorted(one["version"] for one in changed) == list(range(start + 1, start + 21))
        assert all(one["enabled"] and one["track"] == "all" for one in page["items"])

    async def test_a_definitions_field_belongs_to_the_project(self, tmp_path: Path) -> None:
        """The error says where."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            problem = await api.patch(f"{PRODUCTION}/flags/checkout", {"description": "x"}, 400)

        assert problem["errors"] == [
            {
                "path": "$.description",
                "message": "belongs to the flag in its project: "
                "patch /projects/{project}/flags/{flag}",
            }
        ]

    @pytest.mark.parametrize(
        "path",
        [
            "/projects/blog/environments/production/flags/checkout",
            "/projects/shop/environments/test/flags/checkout",
            f"{PRODUCTION}/flags/other",
        ],
    )
    async def test_what_is_not_there_is_not_found(self, tmp_path: Path, path: str) -> None:
        """A project, an environment, a flag."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.everything()
            await api.patch(path, {"enabled": True}, 404)

            assert await api.everything() == before


class TestBadTargeting:
    @pytest.mark.parametrize(
        ("patch", "path"),
        [
            ({"enabled": "yes"}, "$.enabled"),
            ({"enabled": None}, "$.enabled"),
            ({"default": None}, "$.default"),
            ({"enabledd": True}, "$.enabledd"),
            ({"gate": 1}, "$.gate"),
            ({"off": "z"}, "$.off"),
            ({"track": "some"}, "$.track"),
            ({"default": {"variation": "z"}}, "$.default.variation"),
            ({"default": {"variation": None}}, "$.default"),
            ({"default": {"algorithm": "x"}}, "$.default.algorithm"),
            ({"default": a_split(("a", 99_999))}, "$.default.split"),
            ({"default": a_split(("a", 50_000), ("z", 50_000))}, "$.default.split[1].variation"),
            ({"default": a_split(("a", -1), ("b", 100_001))}, "$.default.split[0].weight"),
            ({"targets": [{"variation": "z", "keys": []}]}, "$.targets[0].variation"),
            ({"targets": [{"variaton": "a"}]}, "$.targets[0].variaton"),
            ({"rules": [a_rule(serve={"variation": "z"})]}, "$.rules[0].serve.variation"),
            ({"rules": [a_rule(gate=5)]}, "$.rules[0].gate"),
            ({"rules": [a_rule(when=[a_clause("is", 1)])]}, "$.rules[0].when[0].op"),
            ({"rules": [a_rule(when=[{}])]}, "$.rules[0].when[0]"),
            (
                {"rules": [a_rule(when=[a_clause("in", 1, ignoreCase=True)])]},
                "$.rules[0].when[0].ignoreCase",
            ),
            (
                {"rules": [a_rule(when=[{"any": [{"not": {"segmnt": "x"}}]}])]},
                "$.rules[0].when[0].any[0].not.segmnt",
            ),
            (
                {"rules": [a_rule(when=[a_clause("matches", "a(?=b)")])]},
                "$.rules[0].when[0].values[0]",
            ),
            (
                {"rules": [a_rule(when=[a_clause("matches", "(a")])]},
                "$.rules[0].when[0].values[0]",
            ),
            (
                {"rules": [a_rule(when=[a_clause("matches", r"(a)\1")])]},
                "$.rules[0].when[0].values[0]",
            ),
            (
                {"rules": [a_rule(when=[{"segment": "nobody"}])]},
                "$.rules[0].when[0].segment",
            ),
            ({"requires": [{"flag": "ghost", "is": ["on"]}]}, "$.requires[0].flag"),
            ({"requires": [{"flag": "checkout", "is": ["maybe"]}]}, "$.requires[0].is[0]"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_is_named_and_nothing_happens(
        self, tmp_path: Path, patch: Json, path: str
    ) -> None:
        """No row, no version, no change, no audit record."""
        async with a_shop(tmp_path, a_string_flag(), a_new_flag()) as api:
            before = await api.everything()
            problem = await api.patch(ENGINE, patch, 400)

            assert await api.everything() == before
        assert path in faults(problem)

    async def test_prerequisites_must_not_lead_back(self, tmp_path: Path) -> None:
        """The error shows the way round."""

        def requires(flag: str) -> Json:
            return {"requires": [{"flag": flag, "is": ["on"]}]}

        flags = [a_new_flag(key) for key in "abc"]
        async with a_shop(tmp_path, *flags) as api:
            await api.patch(f"{PRODUCTION}/flags/a", requires("b"))
            await api.patch(f"{PRODUCTION}/flags/b", requires("c"))
            await api.patch(f"{STAGING}/flags/c", requires("a"))
            before = await api.everything()
            problem = await api.patch(f"{PRODUCTION}/flags/c", requires("a"), 400)

            assert await api.everything() == before
        assert faults(problem) == ["$.requires"]
        assert all(key in problem["errors"][0]["message"] for key in "abc")

    async def test_a_pattern_that_would_hang_elsewhere_is_harmless(self, tmp_path: Path) -> None:
        """Patterns run in linear time, so that one with many stars may be stored."""
        patch = {"rules": [a_rule(when=[a_clause("matches", "a.*a.*a.*b")])]}
        async with a_shop(tmp_path, a_string_flag()) as api:
            changed = await api.patch(ENGINE, patch)

        assert changed["rules"][0]["when"] == patch["rules"][0]["when"]


class TestIfMatch:
    async def test_a_change_to_what_was_read_is_made(self, tmp_path: Path) -> None:
        """The tag of a read, or of a change, names what a change is meant for."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            address = f"/api/v1{PRODUCTION}/flags/checkout"
            read = await api.client.get(address)
            first = await api.client.patch(
                address, json={"enabled": True}, headers={"if-match": read.headers["etag"]}
            )
            second = await api.client.patch(
                address, json={"enabled": False}, headers={"if-match": first.headers["etag"]}
            )

        assert (first.status_code, second.status_code) == (200, 200)

    async def test_a_change_to_what_has_moved_on_is_refused(self, tmp_path: Path) -> None:
        """Nothing is lost to a change that its author has not seen."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            flag = f"{PRODUCTION}/flags/checkout"
            read = await api.client.get(f"/api/v1{flag}")
            await api.patch(flag, {"enabled": True})
            before = await api.everything()
            tag = read.headers["etag"]
            problem = await api.ask(
                "PATCH", flag, status=412, json={"off": None}, headers={"if-match": tag}
            )

            assert await api.everything() == before
        assert problem["type"] == "urn:pennon:problem:moved-on"

    async def test_a_star_matches_whatever_is_there(self, tmp_path: Path) -> None:
        """As it does everywhere in HTTP."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            changed = await api.ask(
                "PATCH",
                f"{PRODUCTION}/flags/checkout",
                status=200,
                json={"enabled": True},
                headers={"if-match": "*"},
            )

        assert changed["enabled"]
