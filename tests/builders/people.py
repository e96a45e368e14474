"""Users of a management API, and browsers in which they are signed in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import httpx2
from starlette.applications import Starlette

from pennon.origin.api import api_routes
from tests.builders.api import Api, Json

PASSWORD: Final = "correct horse battery"
ORIGIN: Final = "http://origin"


def a_user(name: str = "ada", *grants: Json, **fields: object) -> Json:
    """Return the body that creates a user, who may edit everything unless *grants* are given."""
    given = list(grants) or [{"role": "editor", "scope": "*"}]
    return {"name": name, "password": PASSWORD, "grants": given, **fields}


@asynccontextmanager
async def a_browser(api: Api, **headers: str) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client without a token, which keeps cookies and says where it comes from."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=Starlette(routes=api_routes(api.origin))),
        base_url=ORIGIN,
        headers={"origin": ORIGIN, **headers},
    ) as client:
        yield client


async def sign_in(
    browser: httpx2.AsyncClient, name: str = "ada", password: str = PASSWORD, status: int = 200
) -> httpx2.Response:
    """Return the answer to a sign-in, which must have *status*."""
    answer = await browser.post("/api/v1/session", json={"name": name, "password": password})
    assert answer.status_code == status, answer.text
    return answer
