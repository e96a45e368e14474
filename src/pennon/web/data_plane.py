"""The data plane's routes: which pure handler answers which request."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from typing import Protocol

from pennon.errors import PennonError
from pennon.web.handler import Answer, Handler, Request, Response
from pennon.web.problem import problem, problem_of

log = logging.getLogger(__name__)


class Routed(Protocol):
    """Something that brings routes: ``(method, path)`` to handler; a path may end in ``/*``."""

    def routes(self) -> Mapping[tuple[str, str], Handler]: ...


class DataPlane:
    """Finds the handler and turns what it raises into a problem document."""

    def __init__(self, *parts: Routed) -> None:
        self._exact: dict[str, dict[str, Handler]] = {}
        self._below: dict[str, dict[str, Handler]] = {}
        for part in parts:
            for (method, path), handler in part.routes().items():
                table = self._below if path.endswith("/*") else self._exact
                table.setdefault(path.removesuffix("*"), {})[method] = handler

    async def __call__(self, request: Request) -> Answer:
        """Answer *request*; never raises."""
        methods = self._methods(request.path)
        handler = methods.get(request.method)
        if handler is None:
            return _no_handler(request, methods)
        try:
            answer = handler(request)
            return await answer if inspect.isawaitable(answer) else answer
        except PennonError as error:
            status, headers, body = problem_of(error)
            return Response(status=status, headers=tuple(headers), body=body)
        except Exception:
            log.exception("handler_failed", extra={"path": request.path})
            status, headers, body = problem(500, "The node failed to answer; it has logged why.")
            return Response(status=status, headers=tuple(headers), body=body)

    def _methods(self, path: str) -> dict[str, Handler]:
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        for prefix, methods in self._below.items():
            if path.startswith(prefix):
                return methods
        return {}


def _no_handler(request: Request, methods: Mapping[str, Handler]) -> Response:
    if not methods:
        status, headers, body = problem(404, f"There is nothing at {request.path}.")
        return Response(status=status, headers=tuple(headers), body=body)
    allowed = ", ".join(sorted(methods))
    status, headers, body = problem(405, f"Expected one of {allowed}, got {request.method}.")
    return Response(status=status, headers=(*headers, ("allow", allowed)), body=body)
