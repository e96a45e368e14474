"""The parent's stream over HTTP: what is asked, what is read, and every way that it ends."""

from __future__ import annotations

import asyncio
import email.utils
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

import httpx2
import pytest

from pennon.errors import BadInput, SourceLost
from pennon.model.codec import decode
from pennon.model.messages import (
    Change,
    Contact,
    Goodbye,
    Heartbeat,
    Message,
    Snapshot,
    StreamRequest,
    Unreadable,
)
from pennon.model.position import ACCESS, Position
from pennon.relay.replica import Replica
from pennon.relay.run import frame_of
from pennon.relay.sse import COMMENT, Event, format_event
from pennon.relay.tail import heartbeat
from pennon.relay.upstream import SseUpstream, is_healthy, message_of, said_by
from tests.builders.relay import SHOP, a_change, a_position, a_secret, a_snapshot, some_flags

KEY = a_secret()
PARENT = "http://parent.test"
FROM_NOTHING: Mapping[str, Position | None] = {SHOP: None}


class Parent:
    """A parent in memory: it notes what it is asked, and answers as it is told."""

    def __init__(
        self, *chunks: bytes, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self.asked: list[httpx2.Request] = []
        self._chunks, self._status, self._headers = chunks, status, headers

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        return httpx2.Response(self._status, headers=self._headers, content=self._body())

    async def _body(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


async def listen(
    parent: Parent, positions: Mapping[str, Position | None] = FROM_NOTHING, url: str = PARENT
) -> tuple[list[Message], Exception]:
    """Return what the parent said but for mere contact, and how it ended."""
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(parent)) as client:
        return await drain(SseUpstream(client, url, KEY).messages(positions))


async def drain(source: AsyncGenerator[Message]) -> tuple[list[Message], Exception]:
    said: list[Message] = []
    try:
        async with asyncio.timeout(5), aclosing(source) as messages:
            while True:
                said.append(await anext(messages))
    except (SourceLost, BadInput) as error:
        return [message for message in said if message != Contact()], error


async def lost(parent: Parent) -> SourceLost:
    """Return how *parent*, which says nothing, is lost."""
    said, error = await listen(parent)
    assert isinstance(error, SourceLost)
    assert said == []
    return error


class TestAsking:
    async def test_query(self) -> None:
        """Each environment is named, with the position held where there is one."""
        parent = Parent()
        await listen(parent, {ACCESS: a_position(7), SHOP: None}, url=f"{PARENT}/prefix/")
        (request,) = parent.asked

        assert request.method == "GET"
        assert request.url.path == "/prefix/sync/v1/stream"
        assert request.url.params.get_list("environment") == [f"{ACCESS}@{a_position(7)}", SHOP]

    async def test_body(self) -> None:
        """Hundreds of environments go into a body: an address has a length that proxies bear."""
        held = {f"shop/e{number}": a_position(number) for number in range(200)}
        parent = Parent()
        await listen(parent, {**held, ACCESS: None})
        (request,) = parent.asked

        assert (request.method, request.url.query) == ("POST", b"")
        assert decode(request.content, StreamRequest).environments == {
            **{name: str(position) for name, position in held.items()},
            ACCESS: None,
        }

    async def test_headers(self) -> None:
        """The key goes as a bearer's, and the answer is never to be compressed."""
        parent = Parent()
        await listen(parent)
        headers = parent.asked[0].headers

        assert headers["Authorization"] == f"Bearer {KEY}"
        assert headers["Accept"] == "text/event-stream"
        assert headers["Accept-Encoding"] == "identity"


class TestReading:
    @pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
    async def test_cuts(self, size: int) -> None:
        """Where the network cuts the stream changes nothing."""
        replica = Replica(SHOP)
        replica.replace(a_snapshot(1, some_flags(3)))
        change = a_change(2)
        stream = COMMENT + replica.full_sync() + frame_of(change) + COMMENT
        replica.apply(change)
        stream += heartbeat(replica, 55) + format_event("goodbye", b'{"retryAfterMs":5}')
        said, _ = await listen(Parent(*_cut(stream, size)))

        assert [type(message) for message in said] == [Snapshot, Change, Heartbeat, Goodbye]
        assert said[1] == change

    async def test_contact(self) -> None:
        """Bytes that carry no message are told too: the parent is alive."""
        transport = httpx2.MockTransport(Parent(COMMENT, b": anything\n"))
        async with httpx2.AsyncClient(transport=transport) as client:
            messages = SseUpstream(client, PARENT, KEY).messages(FROM_NOTHING)

            assert [await anext(messages), await anext(messages)] == [Contact(), Contact()]
            await messages.aclose()

    async def test_unreadable(self) -> None:
        """A message that cannot be read ends the attempt, and what came before was told."""
        stream = frame_of(a_change(1)) + format_event("flag_update", b"{}")
        said, error = await listen(Parent(stream))

        assert said == [a_change(1)]
        assert isinstance(error, BadInput)

    @pytest.mark.parametrize("name", ["message", "flag_updated", "", "refetch"])
    def test_unknown_events(self, name: str) -> None:
        """An event that this version does not know is ignored, whatever it holds."""
        assert message_of(Event(name, "", b"not json")) is None


class TestEndings:
    async def test_closed(self) -> None:
        """A stream never ends by itself: one that does was lost."""
        assert str(await lost(Parent(COMMENT))) == "the parent closed the stream"

    @pytest.mark.parametrize(
        ("status", "refused"),
        [(301, False), (401, False), (403, True), (404, True), (500, False), (503, False)],
    )
    async def test_status(self, status: int, refused: bool) -> None:
        """Anything but 200 is a loss; 403 and 404 deny one of the environments asked for."""
        error = await lost(Parent(status=status))

        assert str(error) == f"the parent answered {status}"
        assert error.refused is refused

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("7", 7),
            (" 0 ", 0),
            ("soon", None),
            ("-3", None),
            ("1.5", None),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 -0000", 0),
        ],
    )
    async def test_retry_after(self, value: str, seconds: float | None) -> None:
        """When to come back is seconds or a date; one that passed is now, nonsense is nothing."""
        error = await lost(Parent(status=503, headers={"Retry-After": value}))

        assert error.retry_after == seconds

    async def test_retry_after_a_date(self) -> None:
        """A date to come is the time until then."""
        then = datetime(2200, 1, 1, tzinfo=UTC)
        error = await lost(
            Parent(status=503, headers={"Retry-After": email.utils.format_datetime(then)})
        )

        assert error.retry_after is not None
        assert error.retry_after > 3600

    async def test_the_key_is_not_told(self) -> None:
        """No error that is logged holds the key."""
        for parent in (Parent(status=401), Parent(COMMENT)):
            assert KEY not in str(await lost(parent))


class TestOverASocket:
    async def test_silence(self) -> None:
        """A parent that says nothing for too long is taken for dead."""
        async with a_server([b"HTTP/1.1 200 OK\r\n\r\n", COMMENT], hold=True) as url:
            said, error = await _listen_at(url, idle_seconds=0.05)

        assert said == []
        assert str(error).startswith("ReadTimeout")

    async def test_never_answers(self) -> None:
        """So is one that takes the connection and never answers."""
        async with a_server([], hold=True) as url:
            _, error = await _listen_at(url, idle_seconds=0.05)

        assert str(error).startswith("ReadTimeout")

    async def test_dies_within_a_chunk(self) -> None:
        """A connection that breaks is a loss, and half an event is none."""
        half = frame_of(a_change(1))[:20]
        answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + half
        async with a_server([answer]) as url:
            said, error = await _listen_at(url)

        assert said == []
        assert isinstance(error, SourceLost)

    async def test_nobody_there(self) -> None:
        """So is an address where nobody listens."""
        async with a_server([]) as url:
            pass
        _, error = await _listen_at(url)

        assert str(error).startswith("ConnectError")


@asynccontextmanager
async def a_server(answer: Sequence[bytes], *, hold: bool = False) -> AsyncIterator[str]:
    """Answer anyone with *answer* at the address given, then close, or *hold* on in silence."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in answer:
            writer.write(part)
        if hold:
            await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        over.set()
        server.close()


async def _listen_at(url: str, idle_seconds: float = 5.0) -> tuple[list[Message], Exception]:
    async with httpx2.AsyncClient() as client:
        upstream = SseUpstream(client, url, KEY, idle_seconds=idle_seconds)
        return await drain(upstream.messages(FROM_NOTHING))


def _cut(stream: bytes, size: int) -> list[bytes]:
    return [stream[start : start + size] for start in range(0, len(stream), size)]


class TestUnreadable:
    """Events that make no sense."""

    WHOLE = Replica(SHOP)
    WHOLE.replace(a_snapshot(3, some_flags(4)))

    @pytest.mark.parametrize(
        ("name", "data", "kind"),
        [
            ("full_sync", WHOLE.envelope().replace(b"flag-1", b"flag-9"), "snapshot"),
            ("full_sync", WHOLE.envelope()[:-9], "snapshot"),
            ("full_sync", WHOLE.envelope().replace(b'"version":3', b'"version":"3"'), "snapshot"),
            ("flag_update", a_change(4).data[:-9], "change"),
        ],
        ids=["another digest", "torn", "another type", "torn change"],
    )
    def test_of_one_environment(self, name: str, data: bytes, kind: str) -> None:
        """What names its environment says nothing of the others."""
        said = said_by(Event(name, "", data))

        assert isinstance(said, Unreadable)
        assert (said.environment, said.kind) == (SHOP, kind)

    @pytest.mark.parametrize(
        ("name", "data"),
        [("full_sync", b"\xff\x00"), ("heartbeat", b'{"environment":"shop/production"}')],
    )
    def test_of_who_knows_what(self, name: str, data: bytes) -> None:
        """What names none, or is no news of one, makes the whole stream suspect."""
        with pytest.raises(BadInput):
            said_by(Event(name, "", data))

    async def test_on_the_stream(self) -> None:
        """The stream goes on behind it."""
        torn = format_event("full_sync", self.WHOLE.envelope()[:-9])
        said, _ = await listen(Parent(torn, frame_of(a_change(4))))

        assert [type(message) for message in said] == [Unreadable, Change]


class TestHealth:
    @pytest.mark.parametrize(
        ("status", "body", "healthy"),
        [
            (200, b'{"ready":true,"staleMs":null}', True),
            (200, b'{"ready":true,"staleMs":90000}', False),
            (503, b'{"ready":false,"staleMs":null}', False),
            (200, b"<html>", False),
        ],
    )
    async def test_of_a_parent(self, status: int, body: bytes, healthy: bool) -> None:
        """Healthy is who is ready and in touch with those above."""
        parent = Parent(body, status=status)
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(parent)) as client:
            assert await is_healthy(client, f"{PARENT}/prefix/") is healthy
        assert parent.asked[0].url.path == "/prefix/healthz/ready"

    async def test_nobody_there(self) -> None:
        """Who does not answer is not healthy."""

        def refuse(request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("nobody there")

        async with httpx2.AsyncClient(transport=httpx2.MockTransport(refuse)) as client:
            assert not await is_healthy(client, PARENT)
