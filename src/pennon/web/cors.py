"""
Cross-origin requests: what a browser must be told before a page may read an answer.

A page's own key is public and there are no cookies, so that by default every page may ask: its
origin protects nothing, the key does. Only requests that say an origin pay for this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Mapping
from typing import Final

from msgspec.structs import replace

from pennon.web.data_plane import Refusing, Routed, failure
from pennon.web.handler import Answer, Handler, Request, Response, Stream

_REQUEST_HEADERS: Final = (
    "authorization, baggage, content-type, if-none-match, last-event-id, traceparent, tracestate, "
    "x-api-key, x-pennon-environment"
)
_ANSWER_HEADERS: Final = "etag, retry-after, x-pennon-stale, x-pennon-version"
_MAX_AGE_SECONDS: Final = 7200
# Two hours: the longest that Chromium remembers a preflight.


class CrossOrigin:
    """The routes of *part*, which pages of *origins* may ask too; None means every page."""

    def __init__(self, part: Routed, origins: frozenset[str] | None) -> None:
        self._part, self._origins = part, origins

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        routes: dict[tuple[str, str], Handler] = {}
        methods: dict[str, list[str]] = defaultdict(list)
        for (method, path), handler in self._part.routes().items():
            routes[method, path] = self._shared(handler)
            methods[path].append(method)
        for path, allowed in methods.items():
            routes["OPTIONS", path] = self._preflight(", ".join(sorted(allowed)))
        return routes

    def refusal(self, request: Request, error: Exception) -> Response:
        """Say what the part would say, and let the page read it."""
        part = self._part
        say = part.refusal if isinstance(part, Refusing) else failure
        answer = say(request, error)
        if "origin" not in request.headers:
            return answer
        return replace(answer, headers=(*answer.headers, *self._headers(request)))

    def _shared(self, handler: Handler) -> Handler:
        def answer(request: Request) -> Answer | Awaitable[Answer]:
            if "origin" not in request.headers:
                return handler(request)
            headers = self._headers(request)
            try:
                given = handler(request)
            except Exception as error:
                # A page may read why it was refused, such as when to come back.
                return _with(failure(request, error), headers)
            if isinstance(given, (Response, Stream)):
                return _with(given, headers)
            return _later(request, given, headers)

        return answer

    def _preflight(self, methods: str) -> Handler:
        told = (
            ("access-control-allow-methods", methods),
            ("access-control-allow-headers", _REQUEST_HEADERS),
            ("access-control-max-age", str(_MAX_AGE_SECONDS)),
        )

        def answer(request: Request) -> Response:
            return Response(status=204, headers=(*self._headers(request), *told))

        return answer

    def _headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Return what lets the page that asks read the answer; nothing where it may not."""
        if self._origins is None:
            allowed: tuple[tuple[str, str], ...] = (("access-control-allow-origin", "*"),)
        elif (origin := request.headers.get("origin", "")) in self._origins:
            allowed = (("access-control-allow-origin", origin), ("vary", "origin"))
        else:
            return (("vary", "origin"),)
        return (*allowed, ("access-control-expose-headers", _ANSWER_HEADERS))


async def _later(
    request: Request, given: Awaitable[Answer], headers: tuple[tuple[str, str], ...]
) -> Answer:
    try:
        return _with(await given, headers)
    except Exception as error:
        return _with(failure(request, error), headers)


def _with(answer: Answer, headers: tuple[tuple[str, str], ...]) -> Answer:
    return replace(answer, headers=(*answer.headers, *headers))
