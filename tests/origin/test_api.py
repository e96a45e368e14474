"""What holds for every address of the management API."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.builders.api import PRODUCTION, Json, a_new_flag, a_shop, faults

CHECKOUT = f"/api/v1{PRODUCTION}/flags/checkout"


class TestRequests:
    @pytest.mark.parametrize(
        ("content", "content_type", "status"),
        [
            (b"{", "application/json", 400),
            (b"", "application/json", 400),
            (b"[]", "application/json", 400),
            (b"\xff", "application/json", 400),
            (b'{"off": "\\ud800"}', "application/json", 400),
            (b"[" * 100_000, "application/json", 400),
            (b'{"x":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 400),
            (b'{"x":' * 500 + b"1" + b"}" * 500, "application/json", 400),
            (b"{}", "text/plain", 415),
            (b"{}", "", 415),
            (b" " * (1024 * 1024) + b"{}", "application/json", 413),
        ],
        ids=[
            "cut off",
            "empty",
            "not an object",
            "not UTF-8",
            "half a surrogate pair",
            "nested arrays",
            "nested objects",
            "nested a little less",
            "another media type",
            "no media type",
            "too large",
        ],
    )
    async def test_a_body_that_cannot_be_read_changes_nothing(
        self, tmp_path: Path, content: bytes, content_type: str, status: int
    ) -> None:
        """It is refused with a problem document."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            before = await api.everything()
            answer = await api.client.patch(
                CHECKOUT, content=content, headers={"content-type": content_type}
            )

            assert await api.everything() == before
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_a_body_that_is_announced_as_too_large_is_not_waited_for(
        self, tmp_path: Path
    ) -> None:
        """Nobody has to send it to be told."""

        async def never() -> AsyncGenerator[bytes]:
            yield b""
            raise AssertionError("it was waited for")

        async with a_shop(tmp_path, a_new_flag()) as api:
            headers = {"content-type": "application/json", "content-length": "9999999"}
            answer = await api.client.patch(CHECKOUT, content=never(), headers=headers)

        assert answer.status_code == 413

    @pytest.mark.parametrize("field", ["name", "description", "owner", "tags"])
    async def test_text_has_no_nul_on_any_database(self, tmp_path: Path, field: str) -> None:
        """PostgreSQL has no such text, so nobody gets used to it on SQLite."""
        fields: Json = {field: ["a\0"] if field == "tags" else "a\0"}
        async with a_shop(tmp_path) as api:
            problem = await api.post("/projects/shop/flags", a_new_flag(**fields), 400)

        assert faults(problem)[0].startswith(f"$.{field}")

    @pytest.mark.parametrize(
        "media_type", ["application/json; charset=utf-8", "application/merge-patch+json"]
    )
    async def test_a_patch_has_either_media_type(self, tmp_path: Path, media_type: str) -> None:
        """The registered one, and the one that every client sends."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            answer = await api.client.patch(
                CHECKOUT, content=b'{"enabled": true}', headers={"content-type": media_type}
            )

        assert answer.status_code == 200

    async def test_a_method_that_is_not_there_is_told_which_are(self, tmp_path: Path) -> None:
        """405 with all of the address's methods."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            answer = await api.client.delete(CHECKOUT)

        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, PATCH, PUT"

    async def test_an_address_that_is_not_there_is_a_problem_too(self, tmp_path: Path) -> None:
        """404 in the same form as every other error."""
        async with a_shop(tmp_path) as api:
            answer = await api.client.get("/api/v1/nothing")

        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


class TestReads:
    async def test_what_is_held_already_is_not_sent_again(self, tmp_path: Path) -> None:
        """304 for the tag of the last answer, and a body once that has changed."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            first = await api.client.get(CHECKOUT)
            held = {"if-none-match": first.headers["etag"]}
            second = await api.client.get(CHECKOUT, headers=held)
            await api.patch(f"{PRODUCTION}/flags/checkout", {"enabled": True})
            third = await api.client.get(CHECKOUT, headers=held)

        assert (second.status_code, second.content) == (304, b"")
        assert third.status_code == 200

    async def test_a_change_answers_with_the_tag_of_a_read(self, tmp_path: Path) -> None:
        """What was changed need not be read again to be changed again."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            changed = await api.client.patch(CHECKOUT, json={"enabled": True})
            read = await api.client.get(CHECKOUT)

        assert changed.headers["etag"] == read.headers["etag"]


class TestOpenApi:
    async def test_is_served_to_everyone(self, tmp_path: Path) -> None:
        """A client can be generated without a token."""
        async with a_shop(tmp_path) as api:
            del api.client.headers["authorization"]
            answer = await api.client.get("/api/v1/openapi.json")

        document = answer.json()
        assert document["openapi"] == "3.1.0"
        assert "patch" in document["paths"]["/api/v1/projects/{project}/flags/{flag}"]

    async def test_every_reference_leads_somewhere(self, tmp_path: Path) -> None:
        """No schema is named that is not there."""
        async with a_shop(tmp_path) as api:
            document = (await api.client.get("/api/v1/openapi.json")).json()

        named = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
        assert references(document) <= named

    async def test_every_operation_has_a_name_of_its_own_and_a_summary(
        self, tmp_path: Path
    ) -> None:
        """Generated clients make functions of them."""
        async with a_shop(tmp_path) as api:
            document = (await api.client.get("/api/v1/openapi.json")).json()

        operations = [one for path in document["paths"].values() for one in path.values()]
        names = [one["operationId"] for one in operations]
        assert len(names) == len(set(names))
        assert all(one["summary"].endswith(".") for one in operations)


def references(value: object) -> set[str]:
    """Return every `$ref` in a document."""
    if isinstance(value, dict):
        found = {value["$ref"]} if "$ref" in value else set()
        return found.union(*map(references, value.values()))
    if isinstance(value, list):
        return set().union(*map(references, value))
    return set()
