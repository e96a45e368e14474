"""What a connector no longer has itself: the older changes, asked of its parent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import httpx2

from pennon.errors import BadInput
from pennon.model.position import Position
from pennon.relay.sse import SseParser, format_event

log = logging.getLogger(__name__)

CHANGES_PATH: Final = "/sync/v1/changes"
_MOST_CHANGES: Final = 10_000
_MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_AT_ONCE: Final = 4
_SECONDS: Final = 10.0

_Asked = tuple[str, Position]


class ParentHistory:
    """
    Answers a follower that was away for long; see `pennon.web.sync.History`.

    Its parent asks its own parent in turn, so that what the origin's changelog still has is found
    from any depth. Followers that lack the same are answered by one question. `asked` counts the
    questions, and `missed` those that were answered with nothing of use.
    """

    def __init__(self, client: httpx2.AsyncClient, url: Callable[[], str], key: str) -> None:
        self._client, self._url = client, url
        self._headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
        self._under_way: dict[_Asked, asyncio.Task[bytes | None]] = {}
        self._room = asyncio.Semaphore(_MOST_AT_ONCE)
        self.asked = 0
        self.missed = 0

    async def between(self, environment: str, start: Position, end: Position) -> bytes | None:
        """Return the frames after *start* up to *end*, or None when they are gone or too many."""
        if end.epoch != start.epoch or not 0 < end.version - start.version <= _MOST_CHANGES:
            return None
        asked = (environment, start)
        task = self._under_way.get(asked)
        if task is None:
            task = self._under_way[asked] = asyncio.create_task(
                self._ask(environment, start), name="history"
            )
            task.add_done_callback(lambda done: self._under_way.pop(asked))
        # One follower that gives up must not take the answer from the others.
        body = await asyncio.shield(task)
        frames = body and await asyncio.to_thread(frames_between, body, start, end)
        if not frames:
            self.missed += 1
        return frames or None

    async def _ask(self, environment: str, start: Position) -> bytes | None:
        """Return the parent's answer, or None where there is none of use."""
        self.asked += 1
        try:
            async with self._room, asyncio.timeout(_SECONDS):
                return await self._read({"environment": f"{environment}@{start}"})
        except (httpx2.HTTPError, TimeoutError) as error:
            extra = {"environment": environment, "reason": type(error).__name__}
            log.warning("history_not_had", extra=extra)
            return None

    async def _read(self, query: dict[str, str]) -> bytes | None:
        address = self._url().rstrip("/") + CHANGES_PATH
        async with self._client.stream(
            "GET", address, params=query, headers=self._headers
        ) as answer:
            if answer.status_code != 200:
                return None
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    return None
            return bytes(body)


def frames_between(body: bytes, start: Position, end: Position) -> bytes | None:
    """
    Return the frames of *body* after *start* up to *end*, or None unless it has every one.

    The parent may stand elsewhere than this node by now: behind *end*, or past it.
    """
    frames: list[bytes] = []
    expected = start.version
    try:
        for event in SseParser(_MOST_BYTES).feed(body):
            expected += 1
            if expected > end.version:
                break
            if event.id != str(Position(start.epoch, expected)):
                return None
            frames.append(format_event(event.name, event.data, event.id))
    except BadInput:
        return None
    return b"".join(frames) if len(frames) == end.version - start.version else None
