"""One client's connection: its requests answered in order, its streams paced by what it takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final, cast

from pennon.errors import PennonError
from pennon.web.bare.arrived import has_arrived
from pennon.web.bare.chunks import LAST_CHUNK
from pennon.web.bare.heads import bytes_of, head_of
from pennon.web.bare.host import Host
from pennon.web.bare.parsing import Parsed, Refused, RequestParser
from pennon.web.handler import Answer, Feed, Piece, Request, Response, Stream
from pennon.web.problem import HttpError

log = logging.getLogger(__name__)

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_LATER: Final = (("retry-after", "5"),)
_MOST_WAITING: Final = 64
_AT_ONCE: Final = 32
# Of requests that were sent ahead, so many are answered before others have their turn.


class Connection(asyncio.Protocol):
    """
    An HTTP/1.1 connection, and the sink of the stream that it may hold.

    `deadline` is when the server may end it for idling. A stream has no task, and most of its
    client's requests are the one that began it: its parser is let go until another comes.
    """

    __slots__ = (
        *("_chunked", "_closing", "_feed", "_has_said_all", "_host", "_keep_alive", "_parser"),
        *("_task", "_transport", "_writable", "client", "deadline"),
    )

    def __init__(self, host: Host) -> None:
        self._host = host
        self.client = ""
        self._parser: RequestParser | None = None
        self._task: asyncio.Task[None] | None = None
        self._feed: Feed | None = None
        self._chunked = self._keep_alive = self._closing = self._has_said_all = False
        self._writable = True
        self.deadline = host.now() + host.limits.head_seconds

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are asyncio's in all but their base class.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._host.limits.buffer_bytes)
        peer = transport.get_extra_info("peername")
        self.client = peer[0] if peer else ""
        refused = self._host.opened(self)
        if refused is not None:
            self._say(Request(method="GET", path=""), refused)
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._host.closed(self)
        self._let_parser_go()
        if self._task is not None:
            self._task.cancel()
        self._end_feed()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        parser = self._parser
        if parser is None:
            parser = self._parser = RequestParser(self._host.limits, self.client)
        began = parser.in_request
        in_head = began and parser.in_head
        parser.feed(data)
        if not self._is_busy:
            if parser.in_request and not (began and parser.in_head is in_head):
                self._be_patient()
            self._answer_waiting()
        elif parser.refused is not None and self._feed is not None:
            self._transport.abort()
        if began or parser.in_request or parser.parsed:
            self._keep(parser)
        if parser.expects and not (self._is_busy or self._closing):
            parser.expects = False
            self._transport.write(_CONTINUE)

    def eof_received(self) -> bool:
        """Go on for as long as there are requests to answer: their client may still read."""
        self._has_said_all = True
        return not self._closing and (self._task is not None or not self._is_last)

    def pause_writing(self) -> None:
        # A client that does not read its answers gets no more of its requests read either.
        self._writable = False
        self._transport.pause_reading()
        self.deadline = self._host.now() + self._host.limits.stall_seconds

    def resume_writing(self) -> None:
        self._writable = True
        if self._task is not None:
            self.deadline = float("inf")
        elif self._feed is not None:
            self.deadline = float("inf")
            self._transport.resume_reading()
            self._fill(self._feed.resume)
        elif not self._closing:
            self._go_on()

    # What the server calls.

    def expire(self) -> None:
        """End a connection whose deadline has passed."""
        if not self._writable:
            self._transport.abort()
        elif self._parser is not None and self._is_in_request and not self._is_busy:
            self._refuse(self._parser, Refused(408, "Expected the whole request sooner."))
        else:
            self._close()

    def drain(self) -> None:
        """End it now if it is idle, else after what it is at, or what has just arrived."""
        if not (self._is_busy or self._is_in_request or has_arrived(self._transport)):
            self._close()

    # What a feed calls; see `Sink`.

    def write(self, piece: Piece) -> bool:
        """Send a piece of a stream; return whether the client takes more."""
        if self._closing or self._transport.is_closing():
            return False
        if self._chunked:
            self._transport.writelines(self._host.chunks.of(piece))
        else:
            self._transport.write(piece)
        return self._writable

    def end(self) -> None:
        """End the stream, and serve the next request if there may be one."""
        self._end_feed()
        if self._closing:
            return
        if self._chunked:
            self._transport.write(LAST_CHUNK)
        self._after(keep_alive=self._keep_alive and self._chunked)
        # Later, not within what the feed is at.
        asyncio.get_running_loop().call_soon(self._go_on)

    def abort(self) -> None:
        """End it now, whatever it is at."""
        self._transport.abort()

    @property
    def _is_busy(self) -> bool:
        return self._task is not None or self._feed is not None

    @property
    def _is_in_request(self) -> bool:
        return self._parser is not None and self._parser.in_request

    @property
    def _is_last(self) -> bool:
        # Requests that were sent ahead are answered before the connection ends.
        is_ending = self._host.draining or self._has_said_all
        return is_ending and not (self._parser and self._parser.parsed)

    def _go_on(self) -> None:
        """Read on and answer what has waited, if it is time for that."""
        parser = self._parser
        if self._closing or self._is_busy or not self._writable:
            return
        self._be_patient()
        self._transport.resume_reading()
        self._answer_waiting()
        if parser is not None:
            self._keep(parser)

    def _answer_waiting(self) -> None:
        """Answer whole requests in order, until one takes its time or the client must read."""
        parser = self._parser
        for _ in range(_AT_ONCE):
            if parser is None or self._closing or self._is_busy or not self._writable:
                return
            if not parser.parsed:
                break
            one = parser.parsed.popleft()
            answer = self._host.answer(one.request)
            if isinstance(answer, Response):
                self._respond(one, answer)
                if not parser.parsed:  # as nearly always
                    break
            elif isinstance(answer, Stream):
                self._stream(one, answer)
            else:
                self.deadline = float("inf")
                self._task = asyncio.create_task(self._answer_later(one, answer))
        else:
            asyncio.get_running_loop().call_soon(self._go_on)
            return
        if parser.refused is not None:
            self._refuse(parser, parser.refused)

    def _keep(self, parser: RequestParser) -> None:
        """Account for what is kept for later, and have a client wait that piles up work."""
        if len(parser.parsed) > _MOST_WAITING:
            # Else reading goes on while one is answered: a client that leaves is to be noticed.
            self._transport.pause_reading()
        if not self._host.unfinished.keep(self, parser.kept):
            parser.refused = Refused(503, "This node is being sent too much at once.")
            self._answer_waiting()

    async def _answer_later(self, one: Parsed, pending: Awaitable[Answer]) -> None:
        try:
            answer = await pending
            self._task = None
            if self._closing:
                return
            if isinstance(answer, Response):
                self._respond(one, answer)
            else:
                self._stream(one, answer)
        except Exception:
            log.exception("answer_failed", extra={"path": one.request.path})
            self._task = None
            self.abort()
        self._go_on()

    def _stream(self, one: Parsed, answer: Stream) -> None:
        """Let a feed fill the answer. HTTP/1.0 knows no chunks: it gets the bytes."""
        self._chunked, self._keep_alive = one.chunks, one.keep_alive
        framing = (("transfer-encoding", "chunked"),) if one.chunks else ()
        closing, headers = not one.keep_alive or self._is_last, (*answer.headers, *framing)
        self._transport.write(head_of(answer.status, headers, self._host.date(), closing=closing))
        self._feed = answer.feed
        self.deadline = float("inf")
        if self._parser is not None and not (self._parser.in_request or self._parser.parsed):
            self._let_parser_go()
        self._fill(partial(answer.feed.open, self))

    def _fill(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:
            # Half a stream cannot be taken back; an end that is no end tells the client so.
            log.exception("stream_failed", extra={"client": self.client})
            self.abort()

    def _end_feed(self) -> None:
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.close()

    def _let_parser_go(self) -> None:
        if self._parser is not None:
            self._parser.close()
            self._parser = None

    def _respond(self, one: Parsed, answer: Response) -> None:
        closing = not one.keep_alive or self._is_last
        date, method = self._host.date(), one.request.method
        self._transport.write(bytes_of(answer, date, method=method, closing=closing))
        self._after(keep_alive=one.keep_alive)

    def _after(self, *, keep_alive: bool) -> None:
        if not keep_alive or self._is_last:
            self._close()
        elif self._writable:
            self._be_patient()

    def _refuse(self, parser: RequestParser, refused: Refused) -> None:
        """Say what is wrong and end, once the client has read it or has had the time to."""
        if self._closing or not self._writable:
            return
        later = _LATER if refused.status == 503 else ()
        self._say(parser.so_far(), HttpError(refused.status, str(refused), later))
        # To close with something unread would reset the connection, and the answer be lost.
        self._closing = True
        self._let_parser_go()
        with suppress(OSError):  # the client is gone
            self._transport.write_eof()
        self.deadline = self._host.now() + self._host.limits.linger_seconds

    def _say(self, request: Request, error: PennonError) -> None:
        answer, date = self._host.refuse(request, error), self._host.date()
        self._transport.write(bytes_of(answer, date, method=request.method, closing=True))

    def _be_patient(self) -> None:
        parser, now = self._parser, self._host.now()
        self.deadline = now + (parser.patience if parser else self._host.limits.idle_seconds)

    def _close(self) -> None:
        self._closing = True
        self._transport.close()
