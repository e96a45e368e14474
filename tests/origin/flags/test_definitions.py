"""A flag's part that all its environments share."""

from __future__ import annotations

from pathlib import Path

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
    an_api,
    faults,
)

SHOP = ["shop/production", "shop/staging"]


class TestCreateFlag:
    async def test_a_boolean_flag_needs_nothing_more(self, tmp_path: Path) -> None:
        """It gets `off` and `on`, serves on when enabled, and starts disabled."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            found = await api.get(f"{PRODUCTION}/flags/checkout")

        assert found["variations"] == [
            {"name": "off", "value": False},
            {"name": "on", "value": True},
        ]
        assert (found["enabled"], found["off"], found["default"]) == (
            False,
            "off",
            {"variation": "on"},
        )

    async def test_is_published_in_every_environment(self, tmp_path: Path) -> None:
        """One version each, with the same salt."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            wholes = [await api.published(e) for e in SHOP]

        flags = [decode_flag(whole.items["flag", "checkout"]) for whole in wholes]
        assert flags[0] == flags[1]
        assert (flags[0].version, len(flags[0].salt)) == (1, 16)

    async def test_other_types_start_with_their_first_variation(self, tmp_path: Path) -> None:
        """Both while off and by default, unless it is said otherwise."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            found = await api.get(f"{STAGING}/flags/engine")

        assert (found["off"], found["default"]) == ("a", {"variation": "a"})

    async def test_works_before_there_is_an_environment(self, tmp_path: Path) -> None:
        """The order in which a project is set up is free."""
        async with an_api(tmp_path) as api:
            await api.post("/projects", {"key": "shop"})
            created = await api.post("/projects/shop/flags", a_new_flag())

        assert created["key"] == "checkout"

    async def test_a_taken_key_is_a_conflict(self, tmp_path: Path) -> None:
        """Nothing is overwritten."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.everything()
            await api.post("/projects/shop/flags", a_new_flag(), 409)

            assert await api.everything() == before

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (a_new_flag(".."), "$.key"),
            (a_new_flag("."), "$.key"),
            (a_new_flag("a b"), "$.key"),
            (a_new_flag("a\n"), "$.key"),
            (a_new_flag("x" * 257), "$.key"),
            ({"key": "a"}, "$.type"),
            ({"key": "a", "type": "number"}, "$.type"),
            (a_new_flag(enabled=True), "$.enabled"),
            (a_new_flag(salt="x"), "$.salt"),
            (a_new_flag(tags=["x", 5]), "$.tags[1]"),
            (a_new_flag(metadata={"a": [1]}), "$.metadata[...]"),
            (a_new_flag(variations=[{"name": "on", "value": "yes"}]), "$.variations[0].value"),
            (a_new_flag(variations=[{"name": "on", "valeu": True}]), "$.variations[0].valeu"),
            (a_new_flag(off="maybe"), "$.off"),
            (a_new_flag(default={"variation": "maybe"}), "$.default.variation"),
            (a_string_flag(variations=[]), "$.variations"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_what_is_wrong_is_named_and_nothing_happens(
        self, tmp_path: Path, body: Json, path: str
    ) -> None:
        """No row, no version, no audit record."""
        async with a_shop(tmp_path) as api:
            before = await api.everything()
            problem = await api.post("/projects/shop/flags", body, 400)

            assert await api.everything() == before
        assert path in faults(problem)


class TestUpdateFlag:
    async def test_reaches_every_environment(self, tmp_path: Path) -> None:
        """What evaluation needs takes a version in each."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.origin.read(positions)
            await api.patch("/projects/shop/flags/checkout", {"clientSide": {"web": True}})
            after = await api.origin.read(positions)

        assert [after[e].position.version - before[e].position.version for e in SHOP] == [1, 1]

    async def test_what_no_edge_needs_takes_no_version(self, tmp_path: Path) -> None:
        """Descriptions, tags and owners stay at the origin."""
        patch = {"name": "N", "description": "D", "tags": ["t"], "owner": "o", "temporary": True}
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.origin.read(positions)
            changed = await api.patch("/projects/shop/flags/checkout", patch)

            assert await api.origin.read(positions) == before
        assert {name: changed[name] for name in patch} == patch

    async def test_a_patch_that_changes_nothing_does_nothing(self, tmp_path: Path) -> None:
        """Not even an audit record."""
        async with a_shop(tmp_path, a_new_flag(name="N")) as api:
            before = await api.everything()
            await api.patch("/projects/shop/flags/checkout", {"name": "N"})

            assert await api.everything() == before

    async def test_a_variation_in_use_cannot_go(self, tmp_path: Path) -> None:
        """The error names the environment and the place that still needs it."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            await api.patch(f"{STAGING}/flags/engine", {"default": {"variation": "c"}})
            before = await api.everything()
            variations = [{"name": name, "value": name} for name in "ab"]
            problem = await api.patch(
                "/projects/shop/flags/engine", {"variations": variations}, 400
            )

            assert await api.everything() == before
        assert faults(problem) == ["$.environments.staging.default.variation"]

    async def test_a_variation_that_another_flag_requires_cannot_go(self, tmp_path: Path) -> None:
        """The error names the flag."""
        async with a_shop(tmp_path, a_string_flag(), a_new_flag()) as api:
            requires = {"requires": [{"flag": "engine", "is": ["b"]}]}
            await api.patch(f"{STAGING}/flags/checkout", requires)
            variations = [{"name": name, "value": name} for name in "ac"]
            problem = await api.patch(
                "/projects/shop/flags/engine", {"variations": variations}, 409
            )

        assert "'checkout' in shop/staging" in problem["detail"]

    @pytest.mark.parametrize("name", ["enabled", "off", "rules", "default", "track"])
    async def test_targeting_belongs_to_an_environment(self, tmp_path: Path, name: str) -> None:
        """The error says where."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            problem = await api.patch("/projects/shop/flags/checkout", {name: None}, 400)

        assert faults(problem) == [f"$.{name}"]
        assert "/environments/{environment}/flags" in problem["errors"][0]["message"]

    async def test_the_type_cannot_change(self, tmp_path: Path) -> None:
        """Code that asks for a boolean goes on to get one."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            problem = await api.patch("/projects/shop/flags/checkout", {"type": "string"}, 400)

        assert "cannot be changed" in problem["errors"][0]["message"]

    async def test_an_opening_that_no_longer_fits_is_made_anew(self, tmp_path: Path) -> None:
        """A new environment never starts with a variation that is gone."""
        flag = a_string_flag(off="b", default={"variation": "c"})
        async with a_shop(tmp_path, flag) as api:
            for where in (PRODUCTION, STAGING):
                patch = {"off": "a", "default": {"variation": "a"}}
                await api.patch(f"{where}/flags/engine", patch)
            await api.patch(
                "/projects/shop/flags/engine", {"variations": [{"name": "a", "value": "A"}]}
            )
            await api.post("/projects/shop/environments", {"key": "test"})
            found = await api.get("/projects/shop/environments/test/flags/engine")

        assert (found["off"], found["default"]) == ("a", {"variation": "a"})


class TestArchive:
    async def test_takes_the_flag_from_every_environment(self, tmp_path: Path) -> None:
        """Edges are told that it is deleted."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            last = [await api.last_change(e) for e in SHOP]

        assert [(change.key, change.item) for change in last] == [("checkout", None)] * 2

    async def test_can_be_undone(self, tmp_path: Path) -> None:
        """The flag comes back as it was, under a new version."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.patch(f"{PRODUCTION}/flags/checkout", {"enabled": True})
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            await api.patch("/projects/shop/flags/checkout", {"archived": False})
            after = await api.get(f"{PRODUCTION}/flags/checkout")

        assert (after["enabled"], after["archived"]) == (True, False)
        assert after["version"] == before["version"] + 2

    async def test_is_refused_while_another_flag_requires_it(self, tmp_path: Path) -> None:
        """The error names that flag, and nothing changes."""
        async with a_shop(tmp_path, a_new_flag("base"), a_new_flag("top")) as api:
            requires = {"requires": [{"flag": "base", "is": ["on"]}]}
            await api.patch(f"{STAGING}/flags/top", requires)
            before = await api.everything()
            problem = await api.patch("/projects/shop/flags/base", {"archived": True}, 409)

            assert await api.everything() == before
        assert "'top' in shop/staging" in problem["detail"]

    async def test_is_allowed_once_that_flag_is_archived(self, tmp_path: Path) -> None:
        """What is archived needs nothing."""
        async with a_shop(tmp_path, a_new_flag("base"), a_new_flag("top")) as api:
            requires = {"requires": [{"flag": "base", "is": ["on"]}]}
            await api.patch(f"{STAGING}/flags/top", requires)
            await api.patch("/projects/shop/flags/top", {"archived": True})
            await api.patch("/projects/shop/flags/base", {"archived": True})
            problem = await api.patch("/projects/shop/flags/top", {"archived": False}, 400)

        assert faults(problem) == ["$.environments.staging.requires[0].flag"]

    async def test_an_archived_flag_cannot_be_changed(self, tmp_path: Path) -> None:
        """It is brought back first."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            await api.patch("/projects/shop/flags/checkout", {"name": "x"}, 409)
            problem = await api.patch(f"{PRODUCTION}/flags/checkout", {"enabled": True}, 409)

        assert "archived" in problem["detail"]

    async def test_lists_show_either(self, tmp_path: Path) -> None:
        """Archived flags are left out unless they are asked for."""
        async with a_shop(tmp_path, a_new_flag("kept"), a_new_flag("gone")) as api:
            await api.patch("/projects/shop/flags/gone", {"archived": True})
            lists = [
                await api.get(f"{where}/flags", archived=archived)
                for where in ("/projects/shop", PRODUCTION)
                for archived in ("false", "true")
            ]

        keys = [[flag["key"] for flag in page["items"]] for page in lists]
        assert keys == [["kept"], ["gone"]] * 2
