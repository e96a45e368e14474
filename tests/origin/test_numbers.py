"""Numbers that no database can hold, wherever the API reads one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pennon.origin.paging import encode_cursor
from tests.builders.api import Api, Json, a_new_flag, a_shop

NUMBERS = ("9223372036854775808", "-99999999999999999999", "٣")
THERE = {"project": "shop", "environment": "production", "flag": "checkout", "segment": "staff"}


def requests(document: Json) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the path and the query of a read for each place that may hold a number."""
    for path, methods in document["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            name = parameter["name"]
            for number in NUMBERS:
                if parameter["in"] == "path":
                    yield at(path, **{name: number}), {}
                elif parameter["in"] == "query":
                    yield at(path), {name: number}
                if name == "cursor":
                    yield at(path), {name: encode_cursor(number)}


def at(path: str, **parts: str) -> str:
    """Return a path whose parts name what is there, but for *parts*."""
    named = THERE | parts
    return re.sub(r"\{(\w+)\}", lambda part: named.get(part[1], "1"), path)


async def ask(api: Api, path: str, query: dict[str, str]) -> int:
    """Return the status of an answer."""
    return (await api.client.get(path, params=query)).status_code


class TestNumbers:
    async def test_beyond_the_database_are_refused(self, tmp_path: Path) -> None:
        """In paths, in queries, in cursors: 400 or 404, and never a failure."""
        async with a_shop(tmp_path, a_new_flag()) as api:
            await api.post("/projects/shop/segments", {"key": "staff"})
            document = await api.get("/openapi.json")
            failed = [one for one in requests(document) if await ask(api, *one) >= 500]

        assert failed == []
