"""What opens the management API, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pennon.model.access import format_key
from tests.builders.api import a_shop


class TestAuthentication:
    async def test_without_a_token_nothing_is_told(self, tmp_path: Path) -> None:
        """The answer says which scheme is expected."""
        async with a_shop(tmp_path) as api:
            del api.client.headers["authorization"]
            answer = await api.client.get("/api/v1/projects/shop")

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "header",
        [
            "Bearer",
            "Bearer ",
            "Basic YTpi",
            "Bearer nonsense",
            f"Bearer {format_key('admin', b'x' * 32)}",
            "Bearer ü",
        ],
    )
    async def test_a_wrong_token_opens_nothing(self, tmp_path: Path, header: str) -> None:
        """Malformed or unknown, it is one answer."""
        async with a_shop(tmp_path) as api:
            before = await api.everything()
            answer = await api.client.post(
                "/api/v1/projects",
                json={"key": "blog"},
                headers={b"authorization": header.encode()},
            )

            assert await api.everything() == before
        assert answer.status_code == 401

    async def test_an_environment_key_is_no_admin_token(self, tmp_path: Path) -> None:
        """The answer says what was given and what is wanted."""
        async with a_shop(tmp_path) as api:
            body = {"kind": "relay", "environments": "*"}
            secret = (await api.post("/keys", body))["secret"]
            api.client.headers["authorization"] = f"Bearer {secret}"
            problem = await api.get("/projects", status=401)

        assert problem["detail"] == "Expected a token of the management API, got a relay key."

    async def test_the_token_is_kept_as_a_hash(self, tmp_path: Path) -> None:
        """Who reads the database cannot use it."""
        async with a_shop(tmp_path) as api:
            assert api.token not in repr(await api.everything())
