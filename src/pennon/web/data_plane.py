"""The data plane's routes: which pure handler answers which request."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping
from typing import Protocol, runtime_checkable

from pennon.errors import PennonError
from pennon.web.handler import Answer, Handler, Request, Response, Stream
from pennon.web.problem import HttpError, problem, problem_of

log = logging.getLogger(__name__)


class Routed(Protocol):
    """Something that brings routes: ``(method, path)`` to handler; a path may end in ``/*``."""

    def routes(self) -> Mapping[tuple[str, str], Handler]: ...


@runtime_checkable
class Refusing(Protocol):
    """A part that says in its own words why a request is refused that reaches no handler."""

    def refusal(self, request: Request, error: Exception) -> Response: ...


class DataPlane:
    """Finds the handler and turns what it raises into a problem document."""

    def __init__(self, *parts: Routed) -> None:
        self._exact: dict[str, dict[str, Handler]] = {}
        self._below: dict[str, dict[str, Handler]] = {}
        self._words: dict[str, Refusing] = {}
        for part in parts:
            if isinstance(part, Refusing):
                self._words |= {path.removesuffix("*"): part for _, path in part.routes()}
            for (method, path), handler in part.routes().items():
                table = self._below if path.endswith("/*") else self._exact
                table.setdefault(path.removesuffix("*"), {})[method] = handler

    def answer(self, request: Request) -> Answer | Awaitable[Answer]:
        """
        Answer *request*, at once where the handler can: an evaluation waits for nothing.

        Neither this nor what it returns ever raises.
        """
        methods = self._methods(request.path)
        handler = methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            return self.refusal(request, _no_handler(request, methods))
        try:
            answer = handler(request)
        except Exception as error:
            return failure(request, error)
        if isinstance(answer, (Response, Stream)):
            return _headed(request, answer)
        return _later(request, answer)

    def refusal(self, request: Request, error: Exception) -> Response:
        """
        Return the answer to a request that *error* ended before it had a handler.

        It is said as the route of its path says what goes wrong, as far as the path is known.
        """
        path = request.path
        words = self._words.get(path)
        if words is None:
            below = (prefix for prefix in self._below if path.startswith(prefix))
            words = self._words.get(next(below, path))
        return failure(request, error) if words is None else words.refusal(request, error)

    def _methods(self, path: str) -> dict[str, Handler]:
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        for prefix, methods in self._below.items():
            if path.startswith(prefix):
                return methods
        return {}


async def _later(request: Request, answer: Awaitable[Answer]) -> Answer:
    try:
        return _headed(request, await answer)
    except Exception as error:
        return failure(request, error)


def _headed(request: Request, answer: Answer) -> Answer:
    """Return the headers alone of a stream that HEAD asks for: it would have no end."""
    if request.method == "HEAD" and isinstance(answer, Stream):
        return Response(status=answer.status, headers=answer.headers)
    return answer


def failure(request: Request, error: Exception) -> Response:
    """Return the problem document for what a handler raised; what was not foreseen is logged."""
    if isinstance(error, PennonError):
        status, headers, body = problem_of(error)
    else:
        log.error("handler_failed", extra={"path": request.path}, exc_info=error)
        status, headers, body = problem(500, "The node failed to answer; it has logged why.")
    return Response(status=status, headers=headers, body=body)


def _no_handler(request: Request, methods: Mapping[str, Handler]) -> HttpError:
    if not methods:
        return HttpError(404, f"There is nothing at {request.path}.")
    allowed = ", ".join(sorted(methods))
    detail = f"Expected one of {allowed}, got {request.method}."
    return HttpError(405, detail, (("allow", allowed),))
