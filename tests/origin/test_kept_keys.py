"""The keys of the first start: made once, kept, and made again only when they must be."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from pennon.errors import BadInput
from pennon.model.access import kind_of_key
from pennon.origin.kept_keys import kept_keys
from tests.builders.api import PRODUCTION, a_shop, an_api

URL = "http://127.0.0.1:8620"


def a_folder(path: Path) -> Path:
    """Return *path*, made."""
    path.mkdir()
    return path


class TestKeptKeys:
    async def test_first_start(self, tmp_path: Path) -> None:
        """A key of each kind is made, for the first environment, and can be used at once."""
        async with a_shop(a_folder(tmp_path / "db")) as api:
            keys = await kept_keys(api.origin, tmp_path, URL)
            listed = (await api.get("/keys"))["items"]

        assert (keys.project, keys.environment) == ("shop", "production")
        assert kind_of_key(keys.admin_token) == "admin"
        assert {key["kind"]: key["environments"] for key in listed} == {
            "relay": "*",
            "server": ["shop/production"],
            "client": ["shop/production"],
        }

    async def test_readable_by_the_owner_alone(self, tmp_path: Path) -> None:
        """The file holds secrets, and its mode says so."""
        async with a_shop(a_folder(tmp_path / "db")) as api:
            await kept_keys(api.origin, tmp_path, URL)

        assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600

    async def test_second_start(self, tmp_path: Path) -> None:
        """The same keys are told again, with the present address; no new ones are made."""
        async with a_shop(a_folder(tmp_path / "db")) as api:
            first = await kept_keys(api.origin, tmp_path, URL)
            second = await kept_keys(api.origin, tmp_path, "http://127.0.0.1:9999")
            listed = (await api.get("/keys"))["items"]

        assert second.server_key == first.server_key
        assert second.url == "http://127.0.0.1:9999"
        assert len(listed) == 3

    async def test_another_database(self, tmp_path: Path) -> None:
        """Keys that this database has never heard of are of no use: new ones take their place."""
        async with a_shop(a_folder(tmp_path / "one")) as api:
            first = await kept_keys(api.origin, tmp_path, URL)
        async with a_shop(a_folder(tmp_path / "two")) as api:
            second = await kept_keys(api.origin, tmp_path, URL)

        assert second.admin_token != first.admin_token
        assert second.relay_key != first.relay_key

    async def test_no_environment_yet(self, tmp_path: Path) -> None:
        """Without an environment there is a relay key and a token; the rest follows later."""
        async with an_api(a_folder(tmp_path / "db")) as api:
            empty = await kept_keys(api.origin, tmp_path, URL)
            await api.post("/projects", {"key": "shop"})
            await api.post("/projects/shop/environments", {"key": "live"})
            full = await kept_keys(api.origin, tmp_path, URL)

        assert (empty.server_key, empty.client_key) == ("", "")
        assert kind_of_key(full.server_key) == "server"
        assert full.relay_key == empty.relay_key

    async def test_archived_environments(self, tmp_path: Path) -> None:
        """Keys are for an environment that is served; there may be none."""
        async with a_shop(a_folder(tmp_path / "db")) as api:
            await api.patch(PRODUCTION, {"archived": True})
            staging = await kept_keys(api.origin, a_folder(tmp_path / "a"), URL)
            await api.patch("/projects/shop", {"archived": True})
            none = await kept_keys(api.origin, a_folder(tmp_path / "b"), URL)

        assert (staging.project, staging.environment) == ("shop", "staging")
        assert (none.project, none.server_key) == ("", "")

    async def test_revoked(self, tmp_path: Path) -> None:
        """A restart undoes no revocation: no other token takes the place of a revoked one."""
        async with a_shop(a_folder(tmp_path / "db")) as api:
            first = await kept_keys(api.origin, tmp_path, URL)
            token = (await api.get("/tokens", q="first start"))["items"][0]
            await api.patch(f"/tokens/{token['id']}", {"revoked": True})
            second = await kept_keys(api.origin, tmp_path, URL)
            tokens = (await api.get("/tokens", q="first start"))["items"]

        assert second == first
        assert len(tokens) == 1

    @pytest.mark.parametrize("text", ["", "{", json.dumps({"url": 1})])
    async def test_malformed_file(self, tmp_path: Path, text: str) -> None:
        """A file that cannot be read is an error that names it, and is left as it is."""
        (tmp_path / "keys.json").write_text(text)
        async with a_shop(a_folder(tmp_path / "db")) as api:
            with pytest.raises(BadInput, match=r"keys\.json"):
                await kept_keys(api.origin, tmp_path, URL)

        assert (tmp_path / "keys.json").read_text() == text
