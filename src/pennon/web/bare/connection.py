"""One client's connection: its requests answered in order, its streams paced by what it takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from http import HTTPStatus
from typing import Final, Protocol, cast

from pennon.web.bare.limits import Limits
from pennon.web.bare.parsing import Parsed, Refused, RequestParser
from pennon.web.handler import Answer, Request, Response, Stream
from pennon.web.problem import problem

log = logging.getLogger(__name__)

_STATUS_LINES: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_BODILESS: Final = (204, 304)
_MOST_WAITING: Final = 64


class Host(Protocol):
    """What a connection needs of its server."""

    limits: Limits
    answer: Callable[[Request], Answer | Awaitable[Answer]]
    draining: bool

    def opened(self, connection: Connection) -> bool: ...
    def closed(self, connection: Connection) -> None: ...
    def now(self) -> float: ...
    def date(self) -> bytes: ...


class Connection(asyncio.Protocol):
    """An HTTP/1.1 connection. `deadline` is when the server may end it for idling."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._closing = False
        self.deadline = host.now() + host.limits.request_seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their base class.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._host.limits.buffer_bytes)
        peer = transport.get_extra_info("peername")
        self._parser = RequestParser(self._host.limits, peer[0] if peer else "")
        if not self._host.opened(self):
            self._closing = True
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._host.closed(self)
        self._writable.set()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        parser = self._parser
        began = parser.in_request
        refused = None
        try:
            parser.feed(data)
        except Refused as error:
            refused = error
        if parser.in_request and not began:
            self.deadline = self._host.now() + self._host.limits.request_seconds
        if self._task is None:
            self._answer_waiting()
        elif len(parser.parsed) > _MOST_WAITING:
            # Reading goes on while one is answered, or a client that leaves is not noticed;
            # one that piles up work instead is made to wait.
            self._transport.pause_reading()
        if refused is not None:
            self._refuse(refused)
        elif parser.expects and self._task is None:
            parser.expects = False
            self._transport.write(_CONTINUE)

    def pause_writing(self) -> None:
        # A client that does not read its answers gets no more of its requests read either.
        self._writable.clear()
        self._transport.pause_reading()
        self.deadline = self._host.now() + self._host.limits.stall_seconds

    def resume_writing(self) -> None:
        self._writable.set()
        if self._task is not None:
            self.deadline = float("inf")
        elif not self._closing:
            self._be_idle()
            self._transport.resume_reading()
            self._answer_waiting()

    def expire(self) -> None:
        """End a connection whose deadline has passed."""
        if not self._writable.is_set():
            self._transport.abort()
        elif self._parser.in_request and self._task is None:
            self._refuse(Refused(408, "Expected the whole request sooner."))
        else:
            self._close()

    def drain(self) -> None:
        """End it now if it is idle, else after what it is at."""
        if self._task is None and not self._parser.in_request:
            self._close()

    def abort(self) -> None:
        """End it now, whatever it is at."""
        self._transport.abort()

    def _answer_waiting(self) -> None:
        """Answer whole requests in order, until one takes its time or the client must read."""
        parsed = self._parser.parsed
        while parsed and not self._closing and self._task is None and self._writable.is_set():
            one = parsed.popleft()
            answer = self._host.answer(one.request)
            if isinstance(answer, Response):
                self._respond(one, answer)
            else:
                self.deadline = float("inf")
                self._task = asyncio.create_task(self._answer_later(one, answer))

    async def _answer_later(self, one: Parsed, pending: Stream | Awaitable[Answer]) -> None:
        try:
            answer = pending if isinstance(pending, Stream) else await pending
            if isinstance(answer, Response):
                self._respond(one, answer)
            else:
                await self._stream(one, answer)
        except Exception:
            # Half a stream cannot be taken back; an end that is no end tells the client so.
            log.exception("stream_failed", extra={"path": one.request.path})
            self.abort()
        self._task = None
        if not self._closing and self._writable.is_set():
            self._transport.resume_reading()
            self._answer_waiting()

    async def _stream(self, one: Parsed, answer: Stream) -> None:
        """Write chunks as the client takes them. HTTP/1.0 knows no chunks: it gets the bytes."""
        framing = (("transfer-encoding", "chunked"),) if one.chunks else ()
        self._transport.write(self._head(answer.status, (*answer.headers, *framing), one))
        async with aclosing(answer.chunks) as chunks:
            async for chunk in chunks:
                await self._writable.wait()
                if self._closing:
                    return
                framed = b"%x\r\n%b\r\n" % (len(chunk), chunk) if one.chunks else chunk
                self._transport.write(framed)
        if one.chunks:
            self._transport.write(b"0\r\n\r\n")
        self._after(one, delimited=one.chunks)

    def _respond(self, one: Parsed, answer: Response) -> None:
        headers = answer.headers
        if answer.status not in _BODILESS:
            headers = (*headers, ("content-length", str(len(answer.body))))
        head = self._head(answer.status, headers, one)
        self._transport.write(head if one.request.method == "HEAD" else head + answer.body)
        self._after(one, delimited=True)

    def _after(self, one: Parsed, *, delimited: bool) -> None:
        if not (one.keep_alive and delimited) or self._host.draining:
            self._close()
        else:
            self._be_idle()

    def _head(self, status: int, headers: tuple[tuple[str, str], ...], one: Parsed) -> bytes:
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        closing = not one.keep_alive or self._host.draining
        end = b"connection: close\r\n\r\n" if closing else b"\r\n"
        return b"".join((_STATUS_LINES[status], self._host.date(), lines.encode("latin-1"), end))

    def _refuse(self, refused: Refused) -> None:
        if self._closing or self._task is not None:
            self._transport.abort()
            return
        status, headers, body = problem(refused.status, str(refused))
        request = Request(method="GET", path="")
        answer = Response(status=status, headers=headers, body=body)
        self._respond(Parsed(request, keep_alive=False, chunks=False), answer)

    def _be_idle(self) -> None:
        limits = self._host.limits
        seconds = limits.request_seconds if self._parser.in_request else limits.idle_seconds
        self.deadline = self._host.now() + seconds

    def _close(self) -> None:
        self._closing = True
        self._transport.close()
