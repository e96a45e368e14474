"""What a browser is told before a page of another origin may read an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

import pytest

from pennon.errors import BadInput, NotReady
from pennon.web.browser_settings import BrowserSettings
from pennon.web.cors import CrossOrigin
from pennon.web.data_plane import DataPlane
from pennon.web.handler import Answer, Handler, Request, Response, Stream
from tests.builders.web import Said

PAGE, OTHER = "https://app.example.com", "https://else.example.com"


class Part:
    """Answers, now or later, or refuses to."""

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("GET", "/now"): lambda request: Response(headers=(("etag", '"1"'),), body=b"now"),
            ("POST", "/now"): lambda request: Response(),
            ("GET", "/later"): self.later,
            ("GET", "/stream"): lambda request: Stream(feed=Said([])),
            ("GET", "/refused"): self.refused,
            ("GET", "/refused-later"): self.refused_later,
        }

    async def later(self, request: Request) -> Answer:
        return Response()

    def refused(self, request: Request) -> Answer:
        raise NotReady("Not yet.")

    async def refused_later(self, request: Request) -> Answer:
        raise NotReady("Not yet.")


async def ask(
    path: str,
    method: str = "GET",
    *,
    origin: str | None = PAGE,
    allowed: frozenset[str] | None = None,
) -> tuple[int, dict[str, str]]:
    """Ask for *path* from a page of *origin*, where those of *allowed* may."""
    headers = {} if origin is None else {"origin": origin}
    plane = DataPlane(CrossOrigin(Part(), allowed))
    answer = plane.answer(Request(method=method, path=path, headers=headers))
    if isinstance(answer, Awaitable):
        answer = await answer
    return answer.status, dict(answer.headers)


class TestPreflight:
    async def test_asked(self) -> None:
        """A page learns methods and headers, and that it need not ask again for two hours."""
        status, headers = await ask("/now", "OPTIONS")

        assert status == 204
        assert headers["access-control-allow-origin"] == "*"
        assert headers["access-control-allow-methods"] == "GET, POST"
        assert headers["access-control-max-age"] == "7200"
        allowed = headers["access-control-allow-headers"].split(", ")
        assert {"authorization", "content-type", "if-none-match"} <= set(allowed)
        assert {"x-api-key", "x-pennon-environment"} <= set(allowed)

    async def test_no_credentials(self) -> None:
        """Nothing allows cookies: a key is all that opens anything."""
        _, headers = await ask("/now", "OPTIONS")

        assert "access-control-allow-credentials" not in headers

    async def test_no_such_route(self) -> None:
        """What is not there is not there for pages either."""
        assert (await ask("/nowhere", "OPTIONS"))[0] == 404


class TestAnswers:
    @pytest.mark.parametrize("path", ["/now", "/later", "/stream"])
    async def test_readable(self, path: str) -> None:
        """Every answer may be read, and the headers that a provider needs of it."""
        status, headers = await ask(path)

        assert status == 200
        assert headers["access-control-allow-origin"] == "*"
        exposed = set(headers["access-control-expose-headers"].split(", "))
        assert exposed == {"etag", "retry-after", "x-pennon-stale", "x-pennon-version"}

    @pytest.mark.parametrize("path", ["/refused", "/refused-later"])
    async def test_refusals(self, path: str) -> None:
        """So may a refusal: a page must see that it is to come back, and when."""
        status, headers = await ask(path)

        assert (status, headers["retry-after"]) == (503, "1")
        assert headers["access-control-allow-origin"] == "*"

    async def test_kept_headers(self) -> None:
        """The answer keeps its own headers."""
        assert (await ask("/now"))[1]["etag"] == '"1"'

    async def test_no_page(self) -> None:
        """Who is no page is not told what only pages need."""
        assert await ask("/now", origin=None) == (200, {"etag": '"1"'})


class TestOrigins:
    ALLOWED = frozenset({PAGE})

    @pytest.mark.parametrize("method", ["GET", "OPTIONS"])
    async def test_allowed(self, method: str) -> None:
        """Where pages are named, one that is named is told so by its name."""
        _, headers = await ask("/now", method, allowed=self.ALLOWED)

        assert (headers["access-control-allow-origin"], headers["vary"]) == (PAGE, "origin")

    @pytest.mark.parametrize("method", ["GET", "OPTIONS"])
    async def test_not_allowed(self, method: str) -> None:
        """Another is not told, so that its browser keeps the answer from it."""
        _, headers = await ask("/now", method, origin=OTHER, allowed=self.ALLOWED)

        assert "access-control-allow-origin" not in headers
        assert headers["vary"] == "origin"


class TestSettings:
    @pytest.mark.parametrize(
        ("given", "pages"),
        [
            ((), None),
            (("*",), None),
            ((PAGE, "*"), None),
            (("none",), frozenset()),
            ((PAGE, "http://127.0.0.1:3000"), frozenset({PAGE, "http://127.0.0.1:3000"})),
        ],
    )
    def test_pages(self, given: tuple[str, ...], pages: frozenset[str] | None) -> None:
        """Every page may ask, unless some are named; `none` names none."""
        assert BrowserSettings(cors_origins=given).pages == pages

    @pytest.mark.parametrize(
        "origin", [f"{PAGE}/", f"{PAGE}/app", "app.example.com", "", "HTTP://a"]
    )
    def test_faults(self, origin: str) -> None:
        """An origin that no browser would say is a typo that would keep pages out."""
        with pytest.raises(BadInput, match="--cors-origins"):
            BrowserSettings(cors_origins=(origin,))
