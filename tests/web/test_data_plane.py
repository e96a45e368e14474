"""Which handler answers, and what becomes of its errors."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from pennon.errors import (
    AlreadyExists,
    BadInput,
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    NotReady,
    PennonError,
    PreconditionFailed,
    SourceLost,
    Unauthenticated,
)
from pennon.web.data_plane import DataPlane
from pennon.web.handler import Handler, Request, Response, Stream
from tests.builders.web import Said

ERRORS: list[tuple[PennonError, int]] = [
    (BadInput.at("$.context", "expected an object"), 400),
    (Unauthenticated("who?"), 401),
    (Forbidden("no"), 403),
    (NotFound("flag", "checkout"), 404),
    (Conflict("not now"), 409),
    (AlreadyExists("flag", "checkout"), 409),
    (Gone("too old"), 410),
    (PreconditionFailed("moved on"), 412),
    (NotReady("soon", retry_after=1.2), 503),
    (SourceLost("gone", retry_after=7), 503),
    (PennonError("something"), 500),
]


class Routes:
    """Routes given as they are."""

    def __init__(self, routes: Mapping[tuple[str, str], Handler]) -> None:
        self._routes = routes

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return self._routes


def says(text: str) -> Handler:
    return lambda request: Response(body=text.encode())


def raises(error: Exception, *, later: bool = False) -> Handler:
    """Return a handler that raises *error*, at once or once it is awaited."""

    def now(request: Request) -> Response:
        raise error

    async def awaited(request: Request) -> Response:
        raise error

    return awaited if later else now


async def answer(plane: DataPlane, method: str, path: str) -> Response:
    """Return the whole answer to a request without a body."""
    given = plane.answer(Request(method=method, path=path))
    given = given if isinstance(given, (Response, Stream)) else await given
    assert isinstance(given, Response)
    return given


PLANE = DataPlane(
    Routes({("GET", "/a"): says("get a"), ("POST", "/a"): says("post a")}),
    Routes({("GET", "/a/*"): says("below a"), ("GET", "/a/exact"): says("exact")}),
)


class TestRouting:
    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/a", b"get a"),
            ("POST", "/a", b"post a"),
            ("GET", "/a/", b"below a"),
            ("GET", "/a/b/c", b"below a"),
            ("GET", "/a/exact", b"exact"),
            ("HEAD", "/a", b"get a"),
        ],
    )
    async def test_found(self, method: str, path: str, body: bytes) -> None:
        """The exact path wins over what is below another; HEAD is answered by GET's handler."""
        assert (await answer(PLANE, method, path)).body == body

    @pytest.mark.parametrize("path", ["/", "", "/b", "/ab", "/A", "/ax"])
    async def test_nothing_there(self, path: str) -> None:
        """Where nothing is, the answer is 404, as a problem."""
        given = await answer(PLANE, "GET", path)

        assert given.status == 404
        assert ("content-type", "application/problem+json") in given.headers

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [("DELETE", "/a", "GET, POST"), ("OPTIONS", "/a", "GET, POST"), ("POST", "/a/x", "GET")],
    )
    async def test_another_method(self, method: str, path: str, allowed: str) -> None:
        """A method that a path does not have is 405, with those that it has."""
        given = await answer(PLANE, method, path)

        assert given.status == 405
        assert dict(given.headers)["allow"] == allowed


class TestErrors:
    @pytest.mark.parametrize("later", [False, True])
    @pytest.mark.parametrize(("error", "status"), ERRORS, ids=lambda value: type(value).__name__)
    async def test_as_problems(self, error: PennonError, status: int, later: bool) -> None:
        """Every error of the tree has its status, and says what it is."""
        plane = DataPlane(Routes({("GET", "/"): raises(error, later=later)}))
        given = await answer(plane, "GET", "/")

        assert given.status == status
        assert json.loads(given.body)["status"] == status
        assert dict(given.headers)["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("later", [False, True])
    async def test_a_bug(self, later: bool) -> None:
        """What nobody foresaw is 500, and its insides stay in the log."""
        error = RuntimeError("password=hunter2")
        plane = DataPlane(Routes({("GET", "/"): raises(error, later=later)}))
        given = await answer(plane, "GET", "/")

        assert given.status == 500
        assert b"hunter2" not in given.body

    async def test_where_it_is_wrong(self) -> None:
        """Bad input is told with the path of each fault."""
        plane = DataPlane(Routes({("GET", "/"): raises(BadInput.at("$.a", "expected b"))}))

        assert json.loads((await answer(plane, "GET", "/")).body)["errors"] == [
            {"path": "$.a", "message": "expected b"}
        ]

    async def test_when_to_come_back(self) -> None:
        """A wait is told in whole seconds, never less than was meant."""
        plane = DataPlane(Routes({("GET", "/"): raises(NotReady("soon", retry_after=1.2))}))

        assert dict((await answer(plane, "GET", "/")).headers)["retry-after"] == "2"


class TestHead:
    @pytest.mark.parametrize("later", [False, True])
    async def test_stream(self, later: bool) -> None:
        """HEAD gets a stream's headers; the stream never begins."""
        feed = Said([b"x"])

        def now(request: Request) -> Stream:
            return Stream(headers=(("content-type", "text/event-stream"),), feed=feed)

        async def awaited(request: Request) -> Stream:
            return now(request)

        plane = DataPlane(Routes({("GET", "/"): awaited if later else now}))
        given = await answer(plane, "HEAD", "/")

        assert given.headers == (("content-type", "text/event-stream"),)
        assert given.body == b""
        assert not feed.opened


class TestAtOnce:
    def test_no_waiting(self) -> None:
        """What a handler answers at once is answered at once, errors too."""
        plane = DataPlane(Routes({("GET", "/bad"): raises(Forbidden("no"))}))

        for path in ("/bad", "/nowhere"):
            assert isinstance(plane.answer(Request(method="GET", path=path)), Response)
