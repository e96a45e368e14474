"""Bodies that are taken as they arrive, answers that are sent as they are made, and their tags."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import httpx2
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request

from pennon.web.endpoint import CSV, Call, Csv, Endpoint, NoQuery, Upload
from pennon.web.openapi import openapi_document
from pennon.web.permissions import PUBLIC, Principal
from pennon.web.routing import routes_of

MOST = 10


class Herd(Struct):
    """How many there are."""

    size: int


async def take_herd(call: Call[Upload, NoQuery]) -> Herd:
    """Take a herd."""
    return Herd(sum([len(chunk) async for chunk in call.body.chunks]))


async def send_herd(_call: Call[None, NoQuery]) -> Csv:
    """Send a herd."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"name\n"
        yield b"ada\n"

    return Csv(chunks(), (("etag", '"7"'),))


ENDPOINTS = [
    Endpoint(
        method="PUT",
        path="/herd",
        handler=take_herd,
        answer=Herd,
        needs=PUBLIC,
        takes=(CSV,),
        most_bytes=MOST,
        tag=lambda herd: f'"herd-{herd.size}"',
    ),
    Endpoint(method="GET", path="/herd", handler=send_herd, answer=Csv, needs=PUBLIC),
]


async def nobody(_request: Request) -> Principal:
    """Return nobody."""
    return Principal("", "")


@asynccontextmanager
async def a_farm() -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of the endpoints."""
    transport = httpx2.ASGITransport(Starlette(routes=routes_of(ENDPOINTS, nobody)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://farm") as client:
        yield client


async def pieces(count: int) -> AsyncIterator[bytes]:
    """Yield pieces of four bytes."""
    for _ in range(count):
        yield b"cow\n"


class TestUpload:
    async def test_is_read_by_who_takes_it(self) -> None:
        """The answer's tag is the one that is declared, and no hash."""
        async with a_farm() as client:
            answer = await client.put(
                "/herd", content=pieces(2), headers={"content-type": "text/csv; charset=utf-8"}
            )

        assert (answer.json(), answer.headers["etag"]) == ({"size": 8}, '"herd-8"')

    async def test_that_is_too_long_is_refused_where_it_is(self) -> None:
        """Announced or not: it ends whoever reads it."""
        async with a_farm() as client:
            headers = {"content-type": CSV}
            announced = await client.put("/herd", content=b"x" * (MOST + 1), headers=headers)
            not_announced = await client.put("/herd", content=pieces(3), headers=headers)

        assert (announced.status_code, not_announced.status_code) == (413, 413)

    async def test_of_another_type_is_not_read(self) -> None:
        """The answer says what is."""
        async with a_farm() as client:
            answer = await client.put("/herd", json={})

        assert (answer.status_code, answer.headers["accept"]) == (415, CSV)


class TestCsv:
    async def test_is_sent_as_it_is_made(self) -> None:
        """With headers of its own."""
        async with a_farm() as client:
            answer = await client.get("/herd")

        assert answer.headers["content-type"].startswith(CSV)
        assert (answer.text, answer.headers["etag"]) == ("name\nada\n", '"7"')


class TestOpenApi:
    def test_says_what_is_text(self) -> None:
        """There is no schema of a line."""
        herd = openapi_document("Farm", "1", ENDPOINTS)["paths"]["/herd"]

        assert herd["put"]["requestBody"]["content"] == {CSV: {"schema": {"type": "string"}}}
        assert herd["get"]["responses"]["200"] == {
            "description": "OK",
            "content": {CSV: {"schema": {"type": "string"}}},
        }
