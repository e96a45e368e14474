"""An environment as it was at a version, or by a time."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pennon.model.codec import decode_snapshot
from pennon.model.messages import Snapshot
from tests.builders.api import PRODUCTION, Api, a_new_flag, a_shop, faults

CHECKOUT = f"{PRODUCTION}/flags/checkout"
MINUTE = 60_000


async def datafile(api: Api, **asked: object) -> Snapshot:
    """Return the envelope that is answered, read as a node reads one."""
    answer = await api.client.get(f"/api/v1{PRODUCTION}/datafile", params=asked)  # type: ignore[arg-type]  # numbers and text
    assert answer.status_code == 200, answer.text
    return decode_snapshot(answer.content)


class TestDatafile:
    async def test_of_now_is_what_followers_hold(self, tmp_path: Path) -> None:
        """The same position, items and digest."""
        async with a_shop(tmp_path, a_new_flag(), a_new_flag("other")) as api:
            await api.post("/projects/shop/segments", {"key": "beta"})
            await api.patch("/projects/shop/flags/other", {"archived": True})
            published = await api.published("shop/production")
            found = await datafile(api)

        assert (found.position, found.digest) == (published.position, published.digest)
        assert found.items == published.items
        assert found.committed_at == published.committed_at

    async def test_of_a_version_holds_the_items_then(self, tmp_path: Path) -> None:
        """What was deleted since is in it, what came since is not."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            then = await api.published("shop/production")
            await api.post("/projects/shop/flags", a_new_flag("later"))
            await api.patch("/projects/shop/flags/checkout", {"archived": True})
            found = await datafile(api, version=1)
            now = await datafile(api)

        assert found == msgspec.structs.replace(then, shrink_allowed=False)
        assert list(now.items) == [("flag", "later")]

    async def test_of_a_time_is_the_last_version_made_by_then(self, tmp_path: Path) -> None:
        """At the very moment of a change, the change is in it."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            api.clock.now += MINUTE
            await api.patch(CHECKOUT, {"enabled": True})
            api.clock.now += MINUTE
            await api.patch(CHECKOUT, {"enabled": False})
            versions = [
                (await datafile(api, at=at)).position.version
                for at in (
                    "2026-11-22T12:00:59.999Z",
                    "2026-11-22T12:01Z",
                    "2026-11-22T13:01:30+01:00",
                    "2026-11-22T12:02Z",
                    "2027-01-01T00:00Z",
                )
            ]

        assert versions == [1, 2, 2, 3, 3]

    async def test_a_clock_that_was_set_back_hides_no_change(self, tmp_path: Path) -> None:
        """A version is never earlier than the one before it."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            api.clock.now -= MINUTE
            await api.patch(CHECKOUT, {"enabled": True})
            at_noon = await datafile(api, at="2026-11-22T12:00Z")
            api.clock.now += 2 * MINUTE
            await api.patch(CHECKOUT, {"enabled": False})
            later = await datafile(api, at="2026-11-22T12:00:30Z")

        assert (at_noon.position.version, later.position.version) == (2, 2)

    async def test_begins_empty(self, tmp_path: Path) -> None:
        """At version 0 there was nothing yet."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            first = await datafile(api, version=0)
            epoch = (await datafile(api)).position.epoch

        assert (first.items, first.digest, first.committed_at) == ({}, 0, 0)
        assert first.position.epoch == epoch

    async def test_a_time_before_the_environment_is_not_found(self, tmp_path: Path) -> None:
        """Nor is a version that it has not reached."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            for asked in ({"at": "2026-11-22T11:59:59Z"}, {"version": 2}):
                await api.get(f"{PRODUCTION}/datafile", status=404, **asked)

    @pytest.mark.parametrize("at", ["yesterday", "2026-11-22T12:00", "2026-11-22", "", "9e9"])
    async def test_a_time_needs_its_offset(self, tmp_path: Path, at: str) -> None:
        """Noon is at another moment elsewhere."""
        async with a_shop(tmp_path) as api:
            problem = await api.get(f"{PRODUCTION}/datafile", status=400, at=at)

        assert faults(problem) == ["?at"]

    async def test_either_a_version_or_a_time(self, tmp_path: Path) -> None:
        """Both would be two wishes."""
        async with a_shop(tmp_path) as api:
            problem = await api.get(
                f"{PRODUCTION}/datafile", status=400, at="2026-11-22T12:00Z", version=0
            )

        assert faults(problem) == ["?at"]
