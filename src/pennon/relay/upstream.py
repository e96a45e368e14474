"""The source that most nodes have: a parent's stream, over HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

import httpx2
import msgspec

from pennon.errors import BadInput, SourceLost
from pennon.model.codec import (
    decode,
    decode_change,
    decode_goodbye,
    decode_heartbeat,
    decode_snapshot,
)
from pennon.model.flag import Wire
from pennon.model.messages import Contact, Message, StreamRequest, Unreadable
from pennon.model.position import Position
from pennon.relay.retry_after import retry_after
from pennon.relay.sse import Event, SseParser

STREAM_PATH = "/sync/v1/stream"
HEALTH_PATH = "/healthz/ready"
LONGEST_QUERY: Final = 4096
"""What is put into an address, in bytes of names and positions; more goes into a body."""

_encode = msgspec.json.Encoder().encode


class _Health(Wire, frozen=True, kw_only=True):
    """What a node says of its health, as far as those below care."""

    stale_ms: int | None = None


def message_of(event: Event) -> Message | None:
    """Return what *event* says, or None for a name that this version does not know."""
    match event.name:
        case "flag_update" | "segment_update" | "access_update":
            return decode_change(event.name, event.data)
        case "full_sync":
            return decode_snapshot(event.data)
        case "heartbeat":
            return decode_heartbeat(event.data)
        case "goodbye":
            return decode_goodbye(event.data)
        case _:
            return None


_ENVIRONMENT = re.compile(rb'"environment"\s*:\s*"([^"\\]{1,200})"')
_NAMED_WITHIN = 4096


def said_by(event: Event) -> Message | None:
    """
    Return what *event* says, also when that cannot be read; None for a name that is not known.

    Whoever writes an event names the environment first, so that what is wrong with one need not
    cut the others off. Raises BadInput when it cannot be told which one it is.
    """
    try:
        return message_of(event)
    except BadInput as error:
        found = _ENVIRONMENT.search(event.data, 0, _NAMED_WITHIN)
        if found is None or event.name in ("heartbeat", "goodbye"):
            raise
        return Unreadable(
            environment=found[1].decode("utf-8", "replace"),
            kind="snapshot" if event.name == "full_sync" else "change",
            reason=str(error),
        )


class SseUpstream:
    """
    Streams from the parent at *url*, as the holder of a relay *key*.

    A parent that sends no byte for *idle_seconds* is taken for dead: it sends a comment far more
    often than that, and a half-open connection says nothing at all.
    """

    def __init__(
        self, client: httpx2.AsyncClient, url: str, key: str, *, idle_seconds: float = 25.0
    ) -> None:
        self._client = client
        self._url = url.rstrip("/") + STREAM_PATH
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
        }
        self._timeout = httpx2.Timeout(10.0, read=idle_seconds)

    async def messages(self, positions: Mapping[str, Position | None]) -> AsyncGenerator[Message]:
        """Yield what the parent says; see `Source.messages`."""
        method, asked = _asked(positions)
        parser = SseParser()
        try:
            async with self._client.stream(
                method, self._url, headers=self._headers, timeout=self._timeout, **asked
            ) as response:
                if response.status_code != 200:
                    raise SourceLost(
                        f"the parent answered {response.status_code}",
                        retry_after(response.headers),
                        refused=response.status_code in (403, 404),
                        unauthenticated=response.status_code == 401,
                    )
                async for chunk in response.aiter_raw():
                    yield Contact()
                    for event in parser.feed(chunk):
                        message = said_by(event)
                        if message is not None:
                            yield message
        except httpx2.HTTPError as error:
            # A timeout has no text of its own.
            raise SourceLost(f"{type(error).__name__}: {error}".rstrip(": ")) from error
        raise SourceLost("the parent closed the stream")


def _asked(positions: Mapping[str, Position | None]) -> tuple[str, dict[str, Any]]:
    """Return the method and the query that ask for *positions*, or the body for hundreds."""
    asked = {name: position and str(position) for name, position in positions.items()}
    names = [f"{name}@{position}" if position else name for name, position in asked.items()]
    if sum(map(len, names)) <= LONGEST_QUERY:
        return "GET", {"params": {"environment": names}}
    return "POST", {"content": _encode(StreamRequest(environments=asked))}


async def is_healthy(client: httpx2.AsyncClient, url: str) -> bool:
    """Return whether the node at *url* is ready and in touch with those above it."""
    try:
        answer = await client.get(url.rstrip("/") + HEALTH_PATH, timeout=5.0)
        return answer.status_code == 200 and decode(answer.content, _Health).stale_ms is None
    except (httpx2.HTTPError, BadInput):
        return False
