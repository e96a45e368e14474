"""Endpoints: declared by type, mounted in Starlette."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

import httpx2
import pytest
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.requests import Request

from pennon.errors import NotFound, Unauthenticated
from pennon.web.endpoint import (
    Call,
    Endpoint,
    MergePatch,
    NoQuery,
    act,
    get,
    patch,
    post,
    put,
)
from pennon.web.openapi import openapi_document
from pennon.web.permissions import KNOWN, Principal
from pennon.web.routing import routes_of


class Pet(Struct, forbid_unknown_fields=True):
    """An animal with a name."""

    name: Annotated[str, Meta(min_length=1)]
    age: int | None = None


class Pets(Struct):
    """Some pets."""

    items: tuple[Pet, ...]


class Meal(Struct):
    """What a pet is fed with."""

    food: Literal["hay", "fish"]


class Wanted(Struct, forbid_unknown_fields=True):
    """What to look for."""

    loud: bool = False
    oldest: int | None = None
    sort: Literal["name", "age"] = "name"
    colour: tuple[str, ...] = ()


async def find_pet(call: Call[None, Wanted]) -> Pet:
    """Return a pet."""
    if call["name"] == "nobody":
        raise NotFound("pet", "nobody")
    if call["name"] == "broken":
        raise RuntimeError("a secret that no answer may show")
    name = call["name"].upper() if call.query.loud else call["name"]
    return Pet(name, call.query.oldest)


async def list_pets(call: Call[None, Wanted]) -> Pets:
    """List pets, one of each colour."""
    return Pets(tuple(Pet(colour) for colour in call.query.colour))


async def replace_pet(call: Call[Pet, NoQuery]) -> Pet:
    """Replace a pet."""
    return call.body


async def feed_pet(call: Call[Meal, NoQuery]) -> Pet:
    """Feed a pet."""
    return Pet(f"{call['name']}, fed with {call.body.food}")


async def change_pet(call: Call[MergePatch, NoQuery]) -> Pet:
    """
    Change a pet.

    It keeps its name.
    """
    return Pet(call["name"], call.body.get("age"))


async def add_pet(call: Call[Pet, NoQuery]) -> Pet:
    """Add a pet."""
    return Pet(f"{call.principal.name}'s {call.body.name}", call.body.age)


ENDPOINTS: list[Endpoint] = [
    get("/pets", list_pets, needs=KNOWN, query=Wanted, answer=Pets),
    get("/pets/{name}", find_pet, needs=KNOWN, query=Wanted, answer=Pet),
    put("/pets/{name}", replace_pet, needs=KNOWN, body=Pet, answer=Pet),
    act("/pets/{name}/meals", feed_pet, needs=KNOWN, body=Meal, answer=Pet),
    patch("/pets/{name}", change_pet, needs=KNOWN, of=Pet, answer=Pet),
    post(
        "/pets",
        add_pet,
        needs=KNOWN,
        body=Pet,
        answer=Pet,
        location=lambda pet: f"/pets/{pet.name}",
    ),
]


async def authenticate(request: Request) -> Principal:
    """Know everyone who says their name."""
    if "x-name" not in request.headers:
        raise Unauthenticated("Say your name.")
    return Principal(request.headers["x-name"], request.headers["x-name"])


@asynccontextmanager
async def a_zoo(name: str = "Ada") -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of the application that serves the endpoints above."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=Starlette(routes=routes_of(ENDPOINTS, authenticate))),
        base_url="http://zoo",
        headers={"x-name": name},
    ) as client:
        yield client


class TestRoutes:
    async def test_the_query_is_read_by_its_type(self) -> None:
        """Numbers and booleans from their text."""
        async with a_zoo() as zoo:
            answer = await zoo.get("/pets/rex", params={"loud": "true", "oldest": "7"})

        assert answer.json() == {"name": "REX", "age": 7}

    async def test_a_parameter_that_is_a_list_may_be_repeated(self) -> None:
        """Any other stands once."""
        async with a_zoo() as zoo:
            answer = await zoo.get("/pets", params={"colour": ["red", "blue"]})
            refused = await zoo.get("/pets", params={"oldest": ["1", "2"]})

        assert [pet["name"] for pet in answer.json()["items"]] == ["red", "blue"]
        assert refused.json()["errors"] == [
            {"path": "?oldest", "message": "expected the parameter once"}
        ]

    async def test_a_choice_that_is_not_there_is_told_which_are(self) -> None:
        """In a query and in a body."""
        async with a_zoo() as zoo:
            asked = await zoo.get("/pets", params={"sort": "legs"})
            fed = await zoo.post("/pets/rex/meals", json={"food": "cake"})

        assert [answer.json()["errors"] for answer in (asked, fed)] == [
            [{"path": "?sort", "message": "expected one of 'age', 'name', got 'legs'"}],
            [{"path": "$.food", "message": "expected one of 'fish', 'hay', got 'cake'"}],
        ]

    async def test_a_replacement_says_what_it_replaces(self) -> None:
        """Without If-Match it is refused; a star says: whatever is there."""
        async with a_zoo() as zoo:
            bare = await zoo.put("/pets/rex", json={"name": "max"})
            meant = await zoo.put("/pets/rex", json={"name": "max"}, headers={"if-match": "*"})

        assert (bare.status_code, meant.status_code) == (428, 200)

    async def test_an_action_creates_nothing(self) -> None:
        """It is answered with what came of it, at no new address."""
        async with a_zoo() as zoo:
            answer = await zoo.post("/pets/rex/meals", json={"food": "hay"})

        assert (answer.status_code, answer.json()["name"]) == (200, "rex, fed with hay")
        assert "location" not in answer.headers

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"name": "rex", "age": "7"}, "$.age"),
            ({"name": "rex", "age": True}, "$.age"),
            ({"name": "rex", "legs": 4}, "$.legs"),
            ({"name": ""}, "$.name"),
            ({}, "$.name"),
        ],
    )
    async def test_the_body_is_read_strictly(self, body: object, path: str) -> None:
        """Nothing is converted and nothing is overlooked."""
        async with a_zoo() as zoo:
            answer = await zoo.post("/pets", json=body)

        assert answer.status_code == 400
        assert [fault["path"] for fault in answer.json()["errors"]] == [path]

    async def test_a_creation_says_where_it_is(self) -> None:
        """And who asked reaches the handler."""
        async with a_zoo() as zoo:
            answer = await zoo.post("/pets", json={"name": "rex"})

        assert (answer.status_code, answer.json()["name"]) == (201, "Ada's rex")
        assert answer.headers["location"] == "/pets/Ada's rex"

    async def test_who_asks_is_known_before_anything_is_read(self) -> None:
        """A stranger learns nothing of what a body should be."""
        async with a_zoo() as zoo:
            answer = await zoo.post("/pets", content=b"{", headers={"x-name": "Ada"})
            del zoo.headers["x-name"]
            stranger = await zoo.post("/pets", content=b"{")

        assert (answer.status_code, stranger.status_code) == (415, 401)

    async def test_an_error_of_the_tree_is_answered_by_the_table(self) -> None:
        """The handler raises, the table knows the status."""
        async with a_zoo() as zoo:
            answer = await zoo.get("/pets/nobody")

        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no pet 'nobody'.")

    async def test_any_other_error_is_kept_from_the_client(self) -> None:
        """It is logged, and the answer says no more than that."""
        async with a_zoo() as zoo:
            answer = await zoo.get("/pets/broken")

        assert answer.status_code == 500
        assert "secret" not in answer.text

    async def test_head_is_a_get_without_its_body(self) -> None:
        """With the same headers."""
        async with a_zoo() as zoo:
            got = await zoo.get("/pets/rex")
            asked = await zoo.head("/pets/rex")

        assert asked.status_code == 200
        assert asked.headers["etag"] == got.headers["etag"]


class TestOpenApi:
    def test_describes_what_is_declared(self) -> None:
        """Parameters, body and answer by their types; summary and description by docstring."""
        document = openapi_document("Zoo", "1", ENDPOINTS)
        found = document["paths"]["/pets/{name}"]["get"]
        changed = document["paths"]["/pets/{name}"]["patch"]

        assert [(one["name"], one["in"]) for one in found["parameters"]] == [
            ("name", "path"),
            ("loud", "query"),
            ("oldest", "query"),
            ("sort", "query"),
            ("colour", "query"),
        ]
        assert found["responses"]["200"]["content"]["application/json"]["schema"] == {
            "$ref": "#/components/schemas/Pet"
        }
        assert (changed["summary"], changed["description"]) == (
            "Change a pet.",
            "It keeps its name.",
        )

    def test_names_the_headers_that_a_change_may_carry(self) -> None:
        """A read carries none of them."""
        document = openapi_document("Zoo", "1", ENDPOINTS, {"X-Why": "The reason."})
        of = {
            method: {
                one["name"]: one.get("required", False)
                for one in operation["parameters"]
                if one["in"] == "header"
            }
            for path in document["paths"].values()
            for method, operation in path.items()
        }

        assert of == {
            "get": {},
            "patch": {"If-Match": False, "X-Why": False},
            "post": {"X-Why": False},
            "put": {"If-Match": True, "X-Why": False},
        }

    def test_a_merge_patch_may_leave_out_or_reset_anything(self) -> None:
        """No field is required, and each may be null."""
        schema = openapi_document("Zoo", "1", ENDPOINTS)["components"]["schemas"]["PetPatch"]

        assert schema["required"] == []
        assert schema["properties"]["name"] == {
            "anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]
        }
