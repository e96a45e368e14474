"""Guessing passwords and tokens."""

from __future__ import annotations

from pathlib import Path

from tests.builders.api import an_api
from tests.builders.people import PASSWORD, a_browser, a_user, sign_in


class TestSignInAttempts:
    async def test_a_name_is_tried_five_times(self, tmp_path: Path) -> None:
        """Then even the right password waits, and the answer says how long."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user())
            for _ in range(5):
                await sign_in(browser, password="wrong", status=401)
            refused = await sign_in(browser, status=429)
            api.clock.now += 30_000
            await sign_in(browser)

        assert refused.headers["retry-after"] == "30"
        assert refused.json()["type"] == "urn:pennon:problem:too-many-attempts"

    async def test_a_name_that_nobody_has_is_refused_alike(self, tmp_path: Path) -> None:
        """So that being refused tells nothing."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            for _ in range(5):
                await sign_in(browser, "nobody", status=401)
            await sign_in(browser, "nobody", status=429)

    async def test_success_counts_for_nothing(self, tmp_path: Path) -> None:
        """Who signs in all day is nobody's attacker."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            await api.post("/users", a_user())
            for _ in range(7):
                await sign_in(browser)

    async def test_an_address_tries_many_names_in_vain(self, tmp_path: Path) -> None:
        """One password for every name is counted by who tries it."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            answers = [
                await browser.post(
                    "/api/v1/session", json={"name": f"user-{n}", "password": PASSWORD}
                )
                for n in range(22)
            ]

        assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 2


class TestTokenAttempts:
    async def test_wrong_tokens_are_told_to_wait_and_right_ones_let_in(
        self, tmp_path: Path
    ) -> None:
        """They may share an address."""
        async with an_api(tmp_path) as api, a_browser(api) as browser:
            wrong = {"authorization": "Bearer wrong"}
            seen = [
                (await browser.get("/api/v1/session", headers=wrong)).status_code for _ in range(31)
            ]
            right = {"authorization": f"Bearer {api.token}"}
            after = (await browser.get("/api/v1/session", headers=right)).status_code

        assert seen == [401] * 30 + [429]
        assert after == 200
