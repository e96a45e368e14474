"""Every change's own answer says where to ask who has it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest

from tests.builders.api import PRODUCTION, Api, Json, a_new_flag, a_shop

HEADER = "x-pennon-propagation"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncGenerator[Api]:
    """An API with a flag in two environments."""
    async with a_shop(tmp_path, a_new_flag()) as api:
        yield api


async def changed(api: Api, method: str, path: str, body: Json) -> httpx2.Response:
    """Return the answer to a change that must succeed."""
    answer = await api.client.request(method, f"/api/v1{path}", json=body)
    assert answer.is_success, answer.text
    return answer


class TestHeader:
    async def test_one_environment(self, api: Api) -> None:
        """It is the address that the body has, and the address answers."""
        answer = await changed(api, "PATCH", f"{PRODUCTION}/flags/checkout", {"enabled": True})
        address = answer.headers[HEADER]
        receipt = (await api.client.get(address)).json()

        assert address == answer.json()["propagation"]
        assert receipt["version"] == answer.json()["version"]

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("PATCH", "/projects/shop/flags/checkout", {"clientSide": {"web": True}}),
            ("POST", "/projects/shop/flags", a_new_flag("another")),
            ("POST", "/projects/shop/segments", {"key": "beta"}),
        ],
    )
    async def test_several(self, api: Api, method: str, path: str, body: Json) -> None:
        """A change in a project moves each of its environments, and names them all."""
        addresses = (await changed(api, method, path, body)).headers[HEADER].split(", ")
        receipts = [(await api.client.get(address)).json() for address in addresses]

        assert [receipt["environment"] for receipt in receipts] == [
            *("shop/production", "shop/staging"),
        ]

    async def test_nothing_moved(self, api: Api) -> None:
        """A read, a patch that changes nothing, and what belongs to no environment have none."""
        path = f"{PRODUCTION}/flags/checkout"
        answers = [
            await api.client.get(f"/api/v1{path}"),
            await changed(api, "PATCH", path, {"enabled": False}),
            await changed(api, "POST", "/tokens", {"name": "x", "role": "viewer", "scope": "*"}),
        ]

        assert [HEADER in answer.headers for answer in answers] == [False, False, False]
