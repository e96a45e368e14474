"""The audit log over HTTP: found by what one remembers, and taken away whole."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from pennon.errors import Conflict
from pennon.origin.audit.lines import read_export
from pennon.origin.audit.service import export_chain
from pennon.origin.audit.verification import verify_chain
from tests.builders.api import PRODUCTION, Api, a_new_flag, a_shop, an_api, faults

LOG = "/projects/shop/audit"
MINUTE = 60_000


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Api]:
    """A project in which three things were done, a minute apart, after it was made."""
    async with a_shop(tmp_path, a_new_flag("checkout"), a_new_flag("search")) as api:
        for comment, flag in (("let%20them%20in", "checkout"), ("Back%20out", "search")):
            api.clock.now += MINUTE
            await api.ask(
                "PATCH",
                f"{PRODUCTION}/flags/{flag}",
                status=200,
                json={"enabled": True},
                headers={"x-pennon-comment": comment},
            )
        api.clock.now += MINUTE
        await api.patch("/projects/shop/flags/search", {"archived": True})
        yield api


async def numbers(api: Api, **query: Any) -> list[int]:
    """Return the numbers of the records that meet *query*."""
    return [record["sequence"] for record in (await api.get(LOG, **query))["items"]]


class TestList:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"action": "flag.archived"}, [8]),
            ({"action": "flag.created"}, [5, 4]),
            ({"actor": "tests"}, [8, 7, 6, 5, 4, 3, 2, 1]),
            ({"actor": "nobody"}, []),
            ({"environment": "shop/production"}, [7, 6, 2]),
            ({"resource": "flag/search"}, [8, 7, 5]),
            ({"resource": "flag/search", "environment": "shop/production"}, [7]),
            ({"q": "LET them"}, [6]),
            ({"q": "checkout"}, [6, 4]),
            ({"q": "%"}, []),
            ({"from": "2026-11-22T12:01:00Z"}, [8, 7, 6]),
            ({"from": "2026-11-22T12:01:00.0005Z"}, [8, 7]),
            ({"until": "2026-11-22T13:01:00+01:00"}, [5, 4, 3, 2, 1]),
            ({"from": "2026-11-22T12:01:00Z", "until": "2026-11-22T12:02:00Z"}, [6]),
            ({"from": "0001-01-01T00:00:00+23:59", "resource": "flag/checkout"}, [6, 4]),
            ({"until": "9999-12-31T23:59:59-23:59", "resource": "flag/checkout"}, [6, 4]),
            ({"order": "oldest", "limit": 3}, [1, 2, 3]),
        ],
        ids=str,
    )
    async def test_keeps_what_meets_every_condition(
        self, shop: Api, query: dict[str, Any], found: list[int]
    ) -> None:
        """Names match exactly, `q` anywhere, and a moment counts for `from` and not for `until`."""
        assert await numbers(shop, **query) == found

    async def test_an_actor_is_found_by_id_too(self, shop: Api) -> None:
        """A name may be borne by two."""
        actor = (await shop.get(LOG, limit=1))["items"][0]["actor"]["id"]

        assert await numbers(shop, actor=actor) == [8, 7, 6, 5, 4, 3, 2, 1]

    async def test_pages_oldest_first(self, shop: Api) -> None:
        """The cursor goes the way that was asked for."""
        first = await shop.get(LOG, order="oldest", limit=5)
        second = await shop.get(LOG, order="oldest", limit=5, cursor=first["next"])

        assert [one["sequence"] for one in second["items"]] == [6, 7, 8]
        assert second["next"] is None

    @pytest.mark.parametrize(
        ("query", "fault"),
        [
            ({"from": "yesterday"}, "?from"),
            ({"from": "2026-11-22T12:00:00"}, "?from"),
            ({"order": "random"}, "?order"),
            ({"actor": "\0"}, "?actor"),
            ({"q": "a\0"}, "?q"),
            ({"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}, "?cursor"),
            ({"action": "x" * 513}, "?action"),
        ],
    )
    async def test_names_a_condition_that_is_none(
        self, shop: Api, query: dict[str, str], fault: str
    ) -> None:
        """A time needs its zone: the log is read in many."""
        problem = await shop.get(LOG, status=400, **query)

        assert faults(problem) == [fault]

    async def test_a_project_that_does_not_exist(self, shop: Api) -> None:
        """It has no log, and the installation's is not one by its name."""
        await shop.get("/projects/nope/audit", status=404)
        await shop.get("/projects/$installation/audit", status=404)


class TestRecord:
    async def test_has_its_before_and_after(self, shop: Api) -> None:
        """It is what the list shows."""
        record = await shop.get(f"{LOG}/6")

        assert (record["before"]["enabled"], record["after"]["enabled"]) == (False, True)
        assert record == (await shop.get(LOG, q="let them"))["items"][0]

    @pytest.mark.parametrize("number", ["0", "9", "-1", "1.0", "x", "9" * 40, "٣"])
    async def test_one_that_does_not_exist(self, shop: Api, number: str) -> None:
        """Whatever stands in its place."""
        problem = await shop.get(f"{LOG}/{number}", status=404)

        assert problem["detail"] == f"There is no audit record {number!r}."


class TestInstallation:
    async def test_keys_and_tokens(self, tmp_path: Path) -> None:
        """What belongs to no project is in the installation's own log."""
        async with an_api(tmp_path) as api:
            await api.post("/keys", {"kind": "relay", "environments": "*"})
            listed = await api.get("/audit")
            record = await api.get("/audit/2")

        assert [one["action"] for one in listed["items"]] == ["key.created", "token.created"]
        assert record == listed["items"][0]


class TestExport:
    @pytest.mark.parametrize(("path", "records"), [(LOG, 8), ("/audit", 1)])
    async def test_can_be_verified(self, shop: Api, path: str, records: int) -> None:
        """The lines are the whole chain."""
        answer = await shop.client.get(f"/api/v1{path}/export")

        verdicts = [
            verify_chain(head.chain, head, links)
            for head, links in read_export(answer.content.splitlines(keepends=True))
        ]
        assert answer.headers["content-type"] == "application/jsonl"
        assert [(one.finding, one.records) for one in verdicts] == [(None, records)]

    async def test_is_described_as_lines(self, shop: Api) -> None:
        """A generated client does not take it for one JSON text."""
        paths = (await shop.get("/openapi.json"))["paths"]

        answer = paths["/api/v1/audit/export"]["get"]["responses"]["200"]
        assert list(answer["content"]) == ["application/jsonl"]

    async def test_a_head_request_gets_the_headers(self, shop: Api) -> None:
        """Nothing is read for it."""
        answer = await shop.client.head(f"/api/v1{LOG}/export")

        assert (answer.status_code, answer.content) == (200, b"")

    async def test_a_log_that_cannot_be_read_is_a_conflict(self, shop: Api) -> None:
        """It is said before a line is sent, and what to do."""
        with pytest.raises(Conflict, match="pennon audit verify"):
            await export_chain(shop.origin.read, "a chain without a head")
