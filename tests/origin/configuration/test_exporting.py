"""A project as a document: whole, in order, and no longer than it must be."""

from __future__ import annotations

from pathlib import Path

from pennon.origin.sample import create_sample
from tests.builders.api import STAGING, a_new_flag, a_shop, a_string_flag, an_api
from tests.builders.configuration import exported


class TestExporting:
    """`GET …/configuration`."""

    async def test_leaves_out_what_goes_without_saying(self, tmp_path: Path) -> None:
        """A boolean flag that nobody touched is its type, its salt and where it is off."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            found = await exported(api)

        assert found["flags"]["checkout"].pop("salt")
        assert found == {
            "project": {},
            "environments": {"production": {}, "staging": {}},
            "flags": {
                "checkout": {
                    "type": "boolean",
                    "environments": {
                        "production": {"enabled": False},
                        "staging": {"enabled": False},
                    },
                }
            },
        }

    async def test_says_of_other_flags_what_they_start_with(self, tmp_path: Path) -> None:
        """It would be the first variation, and the order of a list must not decide."""
        async with a_shop(tmp_path, a_string_flag()) as api:
            found = (await exported(api))["flags"]["engine"]

        assert (found["off"], found["default"]) == ("a", {"variation": "a"})

    async def test_a_default_is_one_however_it_was_written(self, tmp_path: Path) -> None:
        """Who says that a key is a user's says nothing more than who does not."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            targets = [{"variation": "on", "kind": "user", "keys": ["ada"]}]
            await api.patch(f"{STAGING}/flags/checkout", {"targets": targets, "track": "none"})
            found = (await exported(api))["flags"]["checkout"]["environments"]["staging"]

        assert found == {"enabled": False, "targets": [{"variation": "on", "keys": ["ada"]}]}

    async def test_what_is_archived_is_left_out(self, tmp_path: Path) -> None:
        """A document says what there is."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            for path in ("flags/checkout", "segments/beta", "environments/staging"):
                await api.patch(f"/projects/shop/{path}", {"archived": True})

            assert await exported(api) == {"project": {}, "environments": {"production": {}}}

    async def test_is_in_order_of_keys(self, tmp_path: Path) -> None:
        """Two exports of the same differ in nothing."""
        flags = [a_new_flag(key) for key in ("b", "a", "C")]
        async with a_shop(tmp_path, *flags) as api:
            found = await exported(api)

        assert list(found["flags"]) == ["C", "a", "b"]

    async def test_holds_nothing_that_the_origin_counts(self, tmp_path: Path) -> None:
        """No versions, no times, no keys: nothing that differs tomorrow."""
        async with an_api(tmp_path) as api:
            await create_sample(api.origin)
            before = await api.client.get("/api/v1/projects/shop/configuration")
            api.clock.now += 1000
            flag = "/projects/shop/environments/staging/flags/new-checkout"
            enabled = (await api.get(flag))["enabled"]
            for state in (not enabled, enabled):
                await api.patch(flag, {"enabled": state})
            after = await api.client.get("/api/v1/projects/shop/configuration")

        assert after.content == before.content
        assert after.headers["etag"] == before.headers["etag"]

    async def test_a_project_that_does_not_exist(self, tmp_path: Path) -> None:
        """Is not an empty one."""
        async with an_api(tmp_path) as api:
            await api.get("/projects/none/configuration", status=404)
