"""Mounts the data plane's handlers in any ASGI server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pennon.web.bare.limits import Limits
from pennon.web.data_plane import failure
from pennon.web.handler import Answer, Feed, Piece, Request, Response, Stream
from pennon.web.problem import HttpError

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STALL_SECONDS = 60.0
"""How long a client may take nothing of a stream before it is let go."""


class DataPlaneApp:
    """An ASGI application around a data plane; a body above *body_bytes* is answered with 413."""

    def __init__(
        self,
        answer: Callable[[Request], Answer | Awaitable[Answer]],
        body_bytes: int = Limits.body_bytes,
        *,
        refuse: Callable[[Request, Exception], Response] = failure,
    ) -> None:
        self._answer, self._body_bytes, self._refuse = answer, body_bytes, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _read_body(receive, self._body_bytes)
        if body is None:
            error = HttpError(413, f"Expected a body of at most {self._body_bytes} bytes.")
            await _send_response(send, self._refuse(_request_of(scope, b""), error), head=False)
            return
        answer = self._answer(_request_of(scope, body))
        if not isinstance(answer, (Response, Stream)):
            answer = await answer
        if isinstance(answer, Response):
            await _send_response(send, answer, head=scope["method"] == "HEAD")
        else:
            await _send_stream(receive, send, answer)


def _request_of(scope: Scope, body: bytes) -> Request:
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        # The first of a name counts: uvicorn appends what stands behind a body in chunks.
        headers={
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in reversed(scope["headers"])
        },
        body=body,
        client=scope["client"][0] if scope.get("client") else "",
    )


async def _read_body(receive: Receive, most: int) -> bytes | None:
    """Return the body, or None when it is larger than what is read."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _send_response(send: Send, answer: Response, *, head: bool) -> None:
    headers = [*answer.headers]
    if answer.status not in (204, 304):
        headers.append(("content-length", str(len(answer.body))))
    await send(_start(answer.status, headers))
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


class _Outlet:
    """A sink of one piece: its feed may write the next once that was sent."""

    def __init__(self) -> None:
        self.piece: bytes = b""
        self.ended = self.failed = False
        self.filled = asyncio.Event()

    def write(self, data: Piece) -> bool:
        self.piece = bytes(data)
        self.filled.set()
        return False

    def end(self) -> None:
        self.ended = True
        self.filled.set()

    def abort(self) -> None:
        self.ended = self.failed = True
        self.filled.set()


async def _send_stream(receive: Receive, send: Send, answer: Stream) -> None:
    """Send until the feed ends, the client is gone or it has taken nothing for too long."""
    await send(_start(answer.status, answer.headers))
    sending = asyncio.create_task(_send_pieces(send, answer.feed))
    leaving = asyncio.create_task(_until_gone(receive))
    try:
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
        ended, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
    if isinstance(ended, TimeoutError):
        log.info("stream_stalled")
    elif isinstance(ended, Exception):
        log.error("stream_failed", exc_info=ended)


async def _send_pieces(send: Send, feed: Feed) -> None:
    outlet = _Outlet()
    try:
        feed.open(outlet)
        while not (outlet.ended and not outlet.piece):
            await outlet.filled.wait()
            outlet.filled.clear()
            piece, outlet.piece = outlet.piece, b""
            if piece and not outlet.failed:
                async with asyncio.timeout(STALL_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                if not outlet.ended:
                    feed.resume()
    finally:
        feed.close()
    if not outlet.failed:
        await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: Receive) -> None:
    """Return when the client has disconnected; without someone asking, uvicorn never says."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _start(status: int, headers: Any) -> MutableMapping[str, Any]:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }
