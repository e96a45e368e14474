"""Creations that are asked for again under the same `Idempotency-Key`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from pennon.origin.api import api_routes
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.db import Database
from pennon.origin.idempotency.forgetting import forget_for_ever
from pennon.origin.idempotency.keeping import DAY_MS
from pennon.origin.services import Origin
from tests.builders.api import PRODUCTION, Api, Json, a_new_flag, a_shop, an_api
from tests.builders.databases import a_database_url
from tests.builders.people import a_user

BLOG: Json = {"key": "blog"}
TURN_ON: Json = {"kind": "turnOn"}
NEW_KEY: Json = {"kind": "server", "environments": ["shop/production"]}

CREATIONS: dict[str, tuple[str, Json]] = {
    "create_project": ("/projects", BLOG),
    "create_environment": ("/projects/shop/environments", {"key": "test"}),
    "create_flag": ("/projects/shop/flags", a_new_flag("search")),
    "create_segment": ("/projects/shop/segments", {"key": "staff"}),
    "propose_change": (
        f"{PRODUCTION}/change-requests",
        {"flag": "checkout", "instructions": [TURN_ON]},
    ),
    "create_schedule": (
        f"{PRODUCTION}/schedules",
        {"flag": "checkout", "at": "2100-01-01T00:00:00Z", "instructions": [TURN_ON]},
    ),
    "create_user": ("/users", a_user()),
}
WITH_SECRET: dict[str, tuple[str, Json]] = {
    "create_key": ("/keys", NEW_KEY),
    "rotate_key": ("/keys/{key}/rotate", {}),
    "create_token": ("/tokens", {"role": "viewer", "scope": "*"}),
}


async def create(
    api: Api, path: str, body: Json, key: str = "one", **headers: str
) -> httpx2.Response:
    """Return the answer to a creation under *key*."""
    return await api.client.post(
        f"/api/v1{path}", json=body, headers={"idempotency-key": key, **headers}
    )


@asynccontextmanager
async def another_origin(folder: Path, api: Api) -> AsyncGenerator[Api]:
    """The API of another process on the same database."""
    async with Database.open(a_database_url(folder)) as database:
        origin = Origin(database, MemoryBus(), api.clock)
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=Starlette(routes=api_routes(origin))),
            base_url="http://other",
            headers={"authorization": f"Bearer {api.token}"},
        ) as client:
            yield Api(client, origin, api.clock, api.token)


def is_again(answer: httpx2.Response) -> bool:
    """Return whether an answer says that it was given before."""
    return answer.headers.get("idempotent-replayed") == "true"


class TestEveryCreation:
    async def test_is_listed_here(self, tmp_path: Path) -> None:
        """What answers 201 takes the header."""
        async with an_api(tmp_path) as api:
            paths = (await api.get("/openapi.json"))["paths"]
        creating = {
            operation["operationId"]: [one["name"] for one in operation["parameters"]]
            for methods in paths.values()
            for operation in methods.values()
            if "201" in operation["responses"]
        }

        assert creating.keys() == CREATIONS.keys() | WITH_SECRET.keys()
        assert all("Idempotency-Key" in names for names in creating.values())

    @pytest.mark.parametrize("name", CREATIONS)
    async def test_is_answered_as_the_first_time(self, tmp_path: Path, name: str) -> None:
        """Status, body, ETag and Location; nothing is made a second time."""
        path, body = CREATIONS[name]
        async with a_shop(tmp_path, a_new_flag()) as api:
            first = await create(api, path, body)
            before = await api.everything()
            again = await create(api, path, body)

            assert await api.everything() == before
        assert (first.status_code, again.status_code) == (201, 201)
        assert (is_again(first), is_again(again)) == (False, True)
        assert again.content == first.content
        assert [again.headers[it] for it in ("etag", "location")] == [
            first.headers[it] for it in ("etag", "location")
        ]

    @pytest.mark.parametrize("name", WITH_SECRET)
    async def test_of_a_secret_is_told_where_it_is(self, tmp_path: Path, name: str) -> None:
        """The secret is kept nowhere, so it cannot be answered again, and nothing else is made."""
        path, body = WITH_SECRET[name]
        async with a_shop(tmp_path) as api:
            key = await api.post("/keys", NEW_KEY)
            path = path.format(key=key["id"])
            first = await create(api, path, body)
            before = await api.everything()
            again = await create(api, path, body)

            assert await api.everything() == before
        assert (first.status_code, again.status_code) == (201, 409)
        assert again.json()["type"] == "urn:pennon:problem:answered-once"
        assert again.headers["location"] == first.headers["location"]
        assert first.headers["location"] in again.json()["detail"]
        assert first.json()["secret"] not in repr(before)


class TestKey:
    async def test_stands_for_one_body(self, tmp_path: Path) -> None:
        """However that is written; with another it is a mistake of the client's."""
        async with an_api(tmp_path) as api:
            await create(api, "/projects", {"key": "blog", "name": "Blog"})
            other = await create(api, "/projects", {"key": "shop"})
            same = await api.client.post(
                "/api/v1/projects",
                content=json.dumps({"name": "Blog", "key": "blog"}, indent=2),
                headers={"idempotency-key": '"one"', "content-type": "application/json"},
            )
            listed = await api.get("/projects")

        assert (other.status_code, same.status_code) == (422, 201)
        assert [one["key"] for one in listed["items"]] == ["blog"]

    async def test_belongs_to_one_client_and_one_address(self, tmp_path: Path) -> None:
        """Another token, or another address, may use the same one."""
        async with an_api(tmp_path) as api:
            await create(api, "/projects", BLOG)
            user = await create(api, "/users", a_user())
            token = await api.post("/tokens", {"role": "admin", "scope": "*"})
            bearer = f"Bearer {token['secret']}"
            taken = await create(api, "/projects", BLOG, authorization=bearer)

        assert (user.status_code, taken.status_code) == (201, 409)

    async def test_is_refused_where_it_is_none(self, tmp_path: Path) -> None:
        """Too long, and nothing is made."""
        async with an_api(tmp_path) as api:
            answer = await create(api, "/projects", BLOG, "k" * 256)
            listed = await api.get("/projects")

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "Idempotency-Key"
        assert listed["items"] == []

    async def test_is_free_again_after_a_failure(self, tmp_path: Path) -> None:
        """Nothing was made, so there is nothing to answer again."""
        async with an_api(tmp_path) as api:
            refused = await create(api, "/projects/blog/flags", a_new_flag())
            await api.post("/projects", BLOG)
            made = await create(api, "/projects/blog/flags", a_new_flag())

        assert (refused.status_code, made.status_code) == (404, 201)
        assert not is_again(made)

    async def test_is_forgotten_after_a_day(self, tmp_path: Path) -> None:
        """Also where no origin has swept yet."""
        async with an_api(tmp_path) as api:
            await create(api, "/tokens", {"role": "viewer", "scope": "*"})
            api.clock.now += DAY_MS
            anew = await create(api, "/tokens", {"role": "viewer", "scope": "*"})

        assert anew.status_code == 201

    async def test_is_swept(self, tmp_path: Path) -> None:
        """What is a day old leaves the database, what is younger stays."""

        class Rested(Exception):
            """A round is over."""

        async def rest(_seconds: float) -> None:
            raise Rested

        async with an_api(tmp_path) as api:
            await create(api, "/projects", BLOG)
            api.clock.now += DAY_MS
            await create(api, "/projects", {"key": "shop"}, "two")
            with pytest.raises(Rested):
                await forget_for_ever(api.origin, sleep=rest)
            rows = (await api.everything())["kept_answers"]

        assert len(rows) == 1


class TestAtOnce:
    async def test_twenty_create_one(self, tmp_path: Path) -> None:
        """Who comes while the first is at work is told to ask again; then all get its answer."""
        async with an_api(tmp_path) as api:
            answers = await asyncio.gather(*(create(api, "/users", a_user()) for _ in range(20)))
            after = await create(api, "/users", a_user())
            users = await api.get("/users")

        assert sorted({one.status_code for one in answers}) == [201, 409]
        assert {one.headers["retry-after"] for one in answers if one.status_code == 409} == {"1"}
        made = [one.content for one in answers if one.status_code == 201]
        assert made == [after.content]
        assert len(users["items"]) == 1

    async def test_two_processes_create_one(self, tmp_path: Path) -> None:
        """They know nothing of each other; the database lets one of them have it."""
        token: Json = {"role": "viewer", "scope": "*"}
        async with an_api(tmp_path) as api, another_origin(tmp_path, api) as other:
            for number in range(10):
                pair: Any = await asyncio.gather(
                    *(
                        create(one, "/projects", {"key": f"p{number}"}, f"{number}")
                        for one in (api, other)
                    )
                )
                secrets: Any = await asyncio.gather(
                    *(create(one, "/tokens", token, f"{number}") for one in (api, other))
                )

                assert [one.status_code for one in pair] == [201, 201]
                assert pair[0].content == pair[1].content
                assert sorted(map(is_again, pair)) == [False, True]
                assert sorted(one.status_code for one in secrets) == [201, 409]
            tokens = await api.get("/tokens")

        assert len(tokens["items"]) == 1 + 10

    async def test_an_origin_that_died_has_left_the_answer(self, tmp_path: Path) -> None:
        """It was committed with what was created, so another origin knows it."""
        async with an_api(tmp_path) as api:
            first = await create(api, "/projects", BLOG)
            async with another_origin(tmp_path, api) as other:
                again = await create(other, "/projects", BLOG)

        assert is_again(again)
        assert again.content == first.content
