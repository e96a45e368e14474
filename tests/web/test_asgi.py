"""The data plane in an ASGI server: requests read, answers sent, streams let go."""

from __future__ import annotations

import asyncio

import pytest

from pennon.web.asgi import DataPlaneApp
from pennon.web.bare.limits import Limits
from pennon.web.handler import Answer, Request, Response, Stream
from tests.builders.web import Exchange, Said, ask


class Echo:
    """Answers with what it was told to, and keeps what it was asked."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.asked: list[Request] = []
        self._answer = answer or Response(body=b"done")

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return self._answer


async def opened(feed: Said) -> Exchange:
    """Ask for a stream that *feed* fills, and return once it has begun."""
    exchange = Exchange(DataPlaneApp(lambda request: Stream(feed=feed)), "GET", "/", {})
    await exchange.started()
    return exchange


class TestRequests:
    async def test_parts(self) -> None:
        """Method, path, query, headers and address arrive as they are."""
        echo = Echo()
        headers = {"accept": "text/plain", "x-one": "é"}
        await ask(DataPlaneApp(echo), "PUT", "/a b?x=%20&y", headers=headers)

        assert echo.asked == [
            Request(
                method="PUT",
                path="/a b",
                query="x=%20&y",
                headers=headers,
                client="127.0.0.1",
            )
        ]

    async def test_a_header_twice(self) -> None:
        """The first counts: what a server finds behind a chunked body comes later."""
        echo = Echo()
        twice = [(b"x-api-key", b"mine"), (b"x-api-key", b"other")]
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "query_string": b"",
            "headers": twice,
        }

        async def receive() -> dict[str, object]:
            return {"type": "http.request"}

        async def send(_message: object) -> None:
            return

        await DataPlaneApp(echo)(scope, receive, send)

        assert echo.asked[0].headers == {"x-api-key": "mine"}

    async def test_body_in_parts(self) -> None:
        """A body may come in any number of parts."""
        echo = Echo()
        await ask(DataPlaneApp(echo), "POST", "/", b"a", b"", b"bc")

        assert echo.asked[0].body == b"abc"

    async def test_largest_body(self) -> None:
        """A body of the largest size is read."""
        echo = Echo()
        half = b"x" * (Limits.body_bytes // 2)

        assert (await ask(DataPlaneApp(echo), "POST", "/", half, half)).status == 200

    async def test_larger_body(self) -> None:
        """One byte more is 413, and nobody is asked."""
        echo = Echo()
        answer = await ask(DataPlaneApp(echo), "POST", "/", b"x" * Limits.body_bytes, b"x")

        assert answer.status == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert echo.asked == []

    async def test_not_http(self) -> None:
        """What is not HTTP is left alone."""

        async def never() -> dict[str, object]:
            raise AssertionError

        async def send(message: object) -> None:
            raise AssertionError

        await DataPlaneApp(Echo())({"type": "lifespan"}, never, send)


class TestAnswers:
    async def test_length(self) -> None:
        """A whole answer says how long it is."""
        answer = await ask(
            DataPlaneApp(Echo(Response(status=201, headers=(("x", "1"),), body=b"four"))),
            "GET",
            "/",
        )

        assert (answer.status, answer.headers, answer.body) == (
            201,
            {"x": "1", "content-length": "4"},
            b"four",
        )

    async def test_head(self) -> None:
        """HEAD gets the length that GET would have, and no body."""
        answer = await ask(DataPlaneApp(Echo()), "HEAD", "/")

        assert (answer.headers["content-length"], answer.body) == ("4", b"")

    @pytest.mark.parametrize("status", [204, 304])
    async def test_without_a_body(self, status: int) -> None:
        """Answers that have no body say no length."""
        answer = await ask(DataPlaneApp(Echo(Response(status=status))), "GET", "/")

        assert "content-length" not in answer.headers

    async def test_awaited(self) -> None:
        """An answer may take its time."""

        async def later(request: Request) -> Answer:
            await asyncio.sleep(0)
            return Response(body=b"later")

        assert (await ask(DataPlaneApp(later), "GET", "/")).body == b"later"


class TestStreams:
    async def test_to_its_end(self) -> None:
        """Pieces are sent as they come, and an end ends the answer."""
        feed = Said([b"one", b"two"])
        exchange = await opened(feed)
        sent = [await exchange.next() for _ in range(3)]
        await exchange.over()

        assert [(part["body"], part.get("more_body", False)) for part in sent] == [
            (b"one", True),
            (b"two", True),
            (b"", False),
        ]

    async def test_client_leaves(self) -> None:
        """A client that leaves ends the stream's feed, while it waits."""
        feed = Said([b"one"], then_wait=True)
        exchange = await opened(feed)
        await exchange.next()
        exchange.leave()
        await exchange.over()

        assert feed.closed.is_set()

    async def test_client_leaves_while_sending(self) -> None:
        """So it does while a piece waits to be taken: nothing is left to the garbage collector."""
        feed = Said([b"one", b"two"], then_wait=True)
        exchange = await opened(feed)
        exchange.reads.clear()
        exchange.leave()
        await exchange.over()

        assert feed.closed.is_set()

    async def test_fails(self, caplog: pytest.LogCaptureFixture) -> None:
        """A stream that fails is logged, and its answer is not ended as if it were whole."""
        feed = Said([b"one", RuntimeError("a bug")])
        exchange = await opened(feed)
        await exchange.over()

        assert (await exchange.next())["more_body"]
        assert [record.message for record in caplog.records] == ["stream_failed"]
        assert feed.closed.is_set()

    async def test_server_stops(self) -> None:
        """A server that gives up on the request ends the feed too."""
        feed = Said([b"one"], then_wait=True)
        exchange = await opened(feed)
        exchange.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await exchange.over()

        assert feed.closed.is_set()
