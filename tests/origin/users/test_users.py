"""Users over HTTP, and the tokens that they make."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders.api import Json, a_shop, an_api, faults
from tests.builders.people import a_browser, a_user, sign_in

ADMIN: Json = {"role": "admin", "scope": "*"}


class TestUsers:
    async def test_are_listed_without_passwords(self, tmp_path: Path) -> None:
        """Page by page, in order of their names."""
        async with an_api(tmp_path) as api:
            created = [await api.post("/users", a_user(name)) for name in ("eve", "ada", "bob")]
            pages = await api.pages("/users", limit=2)

        listed = [user for page in pages for user in page]
        assert [user["name"] for user in listed] == ["ada", "bob", "eve"]
        assert created[0] == listed[2]
        assert "password" not in listed[0]

    async def test_a_name_is_taken_once(self, tmp_path: Path) -> None:
        """The audit log knows people by it."""
        async with an_api(tmp_path) as api:
            await api.post("/users", a_user())
            before = await api.everything()
            await api.post("/users", a_user(), 409)

            assert await api.everything() == before

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (a_user("Ada"), "$.name"),
            (a_user(password="short"), "$.password"),
            (a_user("ada", {"role": "editor", "scope": ["none"]}), "$.grants[0].scope[0]"),
            (a_user("ada", {"role": "owner", "scope": "*"}), "$.grants[0].role"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_what_is_wrong_is_named(self, tmp_path: Path, body: Json, path: str) -> None:
        """And nothing happens."""
        async with an_api(tmp_path) as api:
            problem = await api.post("/users", body, 400)

        assert faults(problem) == [path]

    async def test_a_password_is_reset_by_an_administrator(self, tmp_path: Path) -> None:
        """Who need not know the old one; the user's sessions end."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            ada = await api.post("/users", a_user())
            await sign_in(browser)
            new = "another long password"
            await api.post(f"/users/{ada['id']}/password", {"password": new}, 200)
            ended = (await browser.get("/api/v1/session")).status_code
            await sign_in(browser, password=new)

        assert ended == 401

    async def test_are_on_record_without_their_passwords(self, tmp_path: Path) -> None:
        """Each thing that happened to them."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            ada = await api.post("/users", a_user())
            await sign_in(browser)
            path = f"/users/{ada['id']}"
            await api.post(f"{path}/password", {"password": "another long password"}, 200)
            await api.patch(path, {"fullName": "Ada"})
            await api.patch(path, {"disabled": True})
            await api.patch(path, {"disabled": False})
            rows = repr((await api.everything())["audit"])

        for action in ("created", "password_changed", "updated", "disabled", "enabled"):
            assert f"'user.{action}'" in rows
        assert "'session.began'" in rows
        assert "argon2" not in rows

    async def test_an_unknown_user_is_not_found(self, tmp_path: Path) -> None:
        """By id; a name is no id."""
        async with an_api(tmp_path) as api:
            await api.post("/users", a_user())
            await api.get("/users/ada", status=404)
            await api.patch("/users/ada", {}, 404)


class TestTokensOfUsers:
    async def test_name_token_and_user_on_record(self, tmp_path: Path) -> None:
        """Who is behind a change is a person."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            ada = await api.post("/users", a_user("ada", ADMIN))
            await sign_in(browser)
            token = (await browser.post("/api/v1/tokens", json={"name": "deploys", **ADMIN})).json()
            api.client.headers["authorization"] = f"Bearer {token['secret']}"
            await api.post("/projects", {"key": "shop"})
            record = (await api.get("/projects/shop/audit"))["items"][0]

        assert token["user"] == ada["id"]
        assert record["actor"]["id"] == token["id"]
        assert record["actor"]["name"] == "deploys (ada)"

    async def test_may_do_no_more_than_their_maker(self, tmp_path: Path) -> None:
        """Also when that becomes less, or the maker is disabled."""
        async with a_shop(tmp_path) as api, a_browser(api) as browser:
            ada = await api.post("/users", a_user("ada", ADMIN))
            await sign_in(browser)
            token = (await browser.post("/api/v1/tokens", json={"name": "x", **ADMIN})).json()
            headers = {"authorization": f"Bearer {token['secret']}"}
            less = [{"role": "viewer", "scope": ["shop/staging"]}]
            await api.patch(f"/users/{ada['id']}", {"grants": less})
            session = await api.client.get("/api/v1/session", headers=headers)
            users = await api.client.get("/api/v1/users", headers=headers)
            await api.patch(f"/users/{ada['id']}", {"disabled": True})
            after = await api.client.get("/api/v1/session", headers=headers)

        assert session.json()["grants"] == less
        assert (users.status_code, after.status_code) == (403, 401)

    async def test_are_no_last_resort(self, tmp_path: Path) -> None:
        """Their maker may leave."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user("ada", ADMIN))
            await sign_in(browser)
            await browser.post("/api/v1/tokens", json={"name": "x", **ADMIN})
            own = (await api.get("/tokens", q="tests"))["items"][0]
            await api.patch(f"/tokens/{own['id']}", {"revoked": True}, 409)
