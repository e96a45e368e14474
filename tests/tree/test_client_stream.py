"""Client streams of an edge of several processes, read by a plain client of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from pennon.relay.sse import Event, SseParser
from tests.tree.asking import Origin, ready
from tests.tree.processes import a_tree

PAGES = 8
PATIENCE = 30.0
STREAM = "/client/v1/stream"


class Page:
    """A page that asks for the address of its stream, and opens that on another connection."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self._events: AsyncIterator[Event] | None = None

    async def open(self, stack: AsyncExitStack, user: str) -> None:
        async with httpx2.AsyncClient() as client:
            answer = await client.post(
                f"{self._url}{STREAM}",
                json={"context": {"targetingKey": user, "plan": "pro"}},
                headers={"Authorization": f"Bearer {self._key}"},
            )
        assert answer.status_code == 200, answer.text
        client = await stack.enter_async_context(httpx2.AsyncClient(timeout=PATIENCE))
        address = f"{self._url}{answer.json()['url']}"
        response = await stack.enter_async_context(client.stream("GET", address))
        assert response.status_code == 200
        self._events = self._read(response)

    async def event(self) -> tuple[str, Any]:
        """Return the name of the next event, and what it says."""
        assert self._events is not None
        async with asyncio.timeout(PATIENCE):
            event = await anext(self._events)
        return event.name, json.loads(event.data)

    async def _read(self, response: httpx2.Response) -> AsyncIterator[Event]:
        parser = SseParser()
        async for chunk in response.aiter_raw():
            for event in parser.feed(chunk):
                yield event


@pytest.mark.timeout(180)
async def test_any_process(tmp_path: Path) -> None:
    """Whichever process is asked, any opens what it gave out, tells of changes, and says bye."""
    with a_tree(tmp_path) as tree:
        await asyncio.to_thread(tree.start_origin)
        edge = tree.start_edge("ams", "--workers", "2")
        node = await asyncio.to_thread(ready, edge, tree)
        origin = Origin(tree)
        await asyncio.to_thread(lambda: origin.receipt(origin.switch(True), "ams"))
        pages = [Page(node.url, tree.keys["clientKey"]) for _ in range(PAGES)]
        async with AsyncExitStack() as stack:
            for number, page in enumerate(pages):
                await page.open(stack, f"user-{number % 3}")
            first = [await page.event() for page in pages]
            version = await asyncio.to_thread(origin.switch, False)
            changed = [await page.event() for page in pages]
            stopping = asyncio.create_task(asyncio.to_thread(edge.stop))
            last = [await page.event() for page in pages]
        code = await stopping

    assert {name for name, _ in first} == {"put"}
    assert all(said["flags"]["new-checkout"]["value"] is True for _, said in first)
    assert {(name, said["version"]) for name, said in changed} == {("patch", f"v{version}")}
    assert all(said["flags"]["new-checkout"]["value"] is False for _, said in changed)
    assert {name for name, _ in last} == {"goodbye"}
    assert code == 0
