"""External segments with members, on a management API."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.builders.api import PRODUCTION, Api, Json, a_shop

SEGMENT = f"{PRODUCTION}/segments/vip"
MEMBERS = f"{SEGMENT}/members"


@asynccontextmanager
async def an_external_segment(folder: Path, kind: str = "user") -> AsyncGenerator[Api]:
    """An API with the segment `vip`, external in production."""
    async with a_shop(folder) as api:
        await api.post("/projects/shop/segments", {"key": "vip"})
        await api.patch(SEGMENT, {"external": {"kind": kind}})
        yield api


async def change(api: Api, *, status: int = 200, path: str = MEMBERS, **asked: Any) -> Json:
    """Add, exclude and remove some members."""
    return await api.post(f"{path}/changes", asked, status)


async def upload(
    api: Api,
    body: str | bytes | AsyncIterator[bytes],
    *,
    media_type: str = "text/csv",
    if_match: str = "*",
    dry_run: bool = False,
    status: int = 200,
    path: str = MEMBERS,
) -> Json:
    """Upload a list."""
    return await api.ask(
        "PUT",
        path,
        status=status,
        params={"dryRun": "true"} if dry_run else None,
        content=body,
        headers={"content-type": media_type, "if-match": if_match},
    )


async def download(api: Api) -> str:
    """Return all members as CSV."""
    answer = await api.client.get(f"/api/v1{MEMBERS}/download")
    assert answer.status_code == 200, answer.text
    return answer.text


def a_csv(*rows: str, header: str = "key,member") -> str:
    """Return a CSV."""
    return "\n".join([header, *rows, ""])


def many(count: int, start: int = 0) -> str:
    """Return a list of *count* keys, a line each."""
    return "".join(f"user-{number:07}\n" for number in range(start, start + count))


async def in_pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    """Yield *data* in pieces."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


def keys_of(page: Json) -> Iterable[str]:
    """Return the keys of a page with a sign each, ``+`` for in."""
    return [f"{'+' if one['member'] else '-'}{one['key']}" for one in page["items"]]
