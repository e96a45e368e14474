"""Signing in, and what the session that follows is good for."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tests.builders.api import an_api
from tests.builders.people import PASSWORD, a_browser, a_user, sign_in

HOUR = 60 * 60 * 1000
SESSION = "/api/v1/session"


async def status(browser: httpx2.AsyncClient, path: str = SESSION) -> int:
    """Return the status of a read."""
    return (await browser.get(path)).status_code


class TestSignIn:
    async def test_opens_the_management_api(self, tmp_path: Path) -> None:
        """With what the user was granted, and in their name."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            ada = await api.post("/users", a_user("ada", {"role": "admin", "scope": "*"}))
            await sign_in(browser)
            created = await browser.post("/api/v1/projects", json={"key": "shop"})
            record = (await api.get("/projects/shop/audit"))["items"][0]

        assert created.status_code == 201
        assert record["actor"]["id"] == ada["id"]
        assert record["actor"]["name"] == "ada"

    async def test_tells_who_one_is(self, tmp_path: Path) -> None:
        """And what one may do, so that a page shows no more."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            ada = await api.post("/users", a_user())
            answer = await sign_in(browser, "ADA")
            found = await browser.get(SESSION)

        assert answer.json() == found.json()
        assert found.json() == {"id": ada["id"], "name": "ada", "grants": ada["grants"]}

    @pytest.mark.parametrize(
        ("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("off", PASSWORD), ("", "")]
    )
    async def test_what_is_wrong_is_not_told(
        self, tmp_path: Path, name: str, password: str
    ) -> None:
        """Unknown, disabled or another password, the answer is one."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user())
            off = await api.post("/users", a_user("off"))
            await api.patch(f"/users/{off['id']}", {"disabled": True})
            answer = await sign_in(browser, name, password, 401)

        assert answer.json()["detail"] == "The name or the password is wrong."
        assert "set-cookie" not in answer.headers

    async def test_no_secret_is_kept(self, tmp_path: Path) -> None:
        """Neither the password nor the session's; the hash names its parameters."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user())
            await sign_in(browser)
            rows = repr(await api.everything())
            secret = browser.cookies["pennon_session"]

        assert PASSWORD not in rows
        assert secret not in rows
        assert "$argon2id$v=19$m=47104,t=1,p=1$" in rows

    async def test_ends_the_session_that_the_browser_had(self, tmp_path: Path) -> None:
        """What somebody planted in it is worth nothing afterwards."""
        async with an_api(tmp_path) as api, a_browser(api) as browser, a_browser(api) as other:
            await api.post("/users", a_user())
            await sign_in(browser)
            other.cookies.set("pennon_session", browser.cookies["pennon_session"])
            before = await status(other)
            await sign_in(browser)

            assert (before, await status(other), await status(browser)) == (200, 401, 200)

    async def test_another_sites_page_cannot_sign_one_in(self, tmp_path: Path) -> None:
        """As somebody else, to see what one does there."""
        async with an_api(tmp_path) as api, a_browser(api, origin="http://evil") as browser:
            await api.post("/users", a_user())
            await sign_in(browser, status=403)


class TestSession:
    async def test_another_sites_page_changes_nothing_with_it(self, tmp_path: Path) -> None:
        """Although the browser would send the cookie along."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user("ada", {"role": "admin", "scope": "*"}))
            await sign_in(browser)
            before = await api.everything()
            for headers in ({"origin": "http://evil"}, {"sec-fetch-site": "cross-site"}):
                answer = await browser.post(
                    "/api/v1/projects", json={"key": "shop"}, headers=headers
                )
                assert answer.status_code == 403

            assert await api.everything() == before

    async def test_a_form_changes_nothing_with_it(self, tmp_path: Path) -> None:
        """Not even one of our own: a body is JSON."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user("ada", {"role": "admin", "scope": "*"}))
            await sign_in(browser)
            answer = await browser.post("/api/v1/projects", data={"key": "shop"})

        assert answer.status_code == 415

    async def test_ends_when_it_is_not_used(self, tmp_path: Path) -> None:
        """After eight hours; each use begins them anew."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user())
            await sign_in(browser)
            api.clock.now += 7 * HOUR
            used = await status(browser)
            api.clock.now += 7 * HOUR
            again = await status(browser)
            api.clock.now += 8 * HOUR

            assert (used, again, await status(browser)) == (200, 200, 401)

    async def test_ends_after_a_week(self, tmp_path: Path) -> None:
        """However much it is used."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user())
            await sign_in(browser)
            seen = []
            for _ in range(24):
                api.clock.now += 7 * HOUR
                seen.append(await status(browser))

        assert seen == [200] * 23 + [401]

    async def test_ends_at_the_origin_when_one_signs_out(self, tmp_path: Path) -> None:
        """Who copied the cookie has nothing."""
        async with an_api(tmp_path) as api, a_browser(api) as browser, a_browser(api) as other:
            await api.post("/users", a_user())
            await sign_in(browser)
            other.cookies.set("pennon_session", browser.cookies["pennon_session"])
            answer = await browser.delete(SESSION)

            assert answer.status_code == 204
            assert not browser.cookies
            assert await status(other) == 401

    @pytest.mark.parametrize(
        "patch", [{"grants": []}, {"disabled": True}, {"grants": [{"role": "admin", "scope": "*"}]}]
    )
    async def test_ends_when_what_one_may_do_changes(
        self, tmp_path: Path, patch: dict[str, object]
    ) -> None:
        """For more as for less."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            ada = await api.post("/users", a_user())
            await sign_in(browser)
            await api.patch(f"/users/{ada['id']}", patch)

            assert await status(browser) == 401

    async def test_a_token_tells_of_itself(self, tmp_path: Path) -> None:
        """So that a program can ask what it may do."""
        async with an_api(tmp_path) as api:
            found = await api.get("/session")

        assert found["name"] == "tests"
        assert found["grants"] == [{"role": "admin", "scope": "*"}]


class TestChangePassword:
    async def test_ends_every_other_session_and_renews_this_one(self, tmp_path: Path) -> None:
        """Whoever knew the old one is out."""
        new = "another long password"
        async with an_api(tmp_path) as api, a_browser(api) as browser, a_browser(api) as other:
            await api.post("/users", a_user())
            await sign_in(browser)
            await sign_in(other)
            secret = browser.cookies["pennon_session"]
            answer = await browser.post(
                f"{SESSION}/password", json={"current": PASSWORD, "password": new}
            )

            assert answer.status_code == 200
            assert browser.cookies["pennon_session"] != secret
            assert (await status(browser), await status(other)) == (200, 401)
            await sign_in(other, password=PASSWORD, status=401)
            await sign_in(other, password=new)

    async def test_needs_the_present_one(self, tmp_path: Path) -> None:
        """A session left open is not enough."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user())
            await sign_in(browser)
            body = {"current": "wrong", "password": "another long password"}
            answer = await browser.post(f"{SESSION}/password", json=body)

        assert answer.status_code == 400

    async def test_is_not_for_tokens(self, tmp_path: Path) -> None:
        """They have none."""
        async with an_api(tmp_path) as api:
            body = {"current": PASSWORD, "password": "another long password"}
            await api.post("/session/password", body, 403)
