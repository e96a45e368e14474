"""Mounts endpoints in Starlette: reads and checks the request, calls the handler, answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import cache
from itertools import groupby
from typing import Any, Final

import msgspec
import structlog
from msgspec import Struct, inspect
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from pennon.errors import BadInput, PennonError
from pennon.model.codec import decode, fault_of
from pennon.web.endpoint import Again, Call, Endpoint, Lines, Nothing, Reply, Upload
from pennon.web.etag import ANY, Tags, etag_of
from pennon.web.idempotency import HEADER, REPLAYED, Once, fingerprint_of, id_of, key_in
from pennon.web.noted import MOST_ADDRESSES, PROPAGATION_HEADER, begin
from pennon.web.permissions import Principal
from pennon.web.problem import HttpError, problem, problem_of

Authenticate = Callable[[Request], Awaitable[Principal]]
"""Returns who makes a request. Raises Unauthenticated."""

_NOBODY: Final = Principal("", "")

log = structlog.get_logger(__name__)


def routes_of(endpoints: Iterable[Endpoint], authenticate: Authenticate) -> list[Route]:
    """Return a route for each path, which knows all of that path's methods."""
    by_path = groupby(sorted(endpoints, key=lambda one: one.path), key=lambda one: one.path)
    return [
        Route(path, _Resource({one.method: one for one in methods}, authenticate))
        for path, methods in by_path
    ]


async def http_exception(_request: Request, error: Exception) -> Response:
    """Answer Starlette's own errors (no such path) as problems; an exception handler."""
    if not isinstance(error, HTTPException):
        raise error
    status, headers, body = problem(error.status_code, _detail_of(error))
    return Response(body, status, {**(error.headers or {}), **dict(headers)})


class _Resource:
    """An ASGI application for one path."""

    def __init__(self, methods: Mapping[str, Endpoint], authenticate: Authenticate) -> None:
        self._methods = methods
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, addresses = Request(scope, receive), begin()
        try:
            response = await self._answer(request)
            if addresses:
                response.headers[PROPAGATION_HEADER] = ", ".join(addresses[:MOST_ADDRESSES])
        except ClientDisconnect:
            return
        except PennonError as error:
            response = _problem_response(error)
        except RecursionError:
            response = _problem_response(BadInput.at("$", "expected JSON nested less deeply"))
        except Exception:
            log.exception("request_failed", method=request.method, path=request.url.path)
            response = _problem_response(PennonError())
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        endpoint = self._methods.get(method)
        if endpoint is None:
            allowed = ", ".join(sorted(self._methods))
            raise HttpError(
                405, f"Expected one of {allowed}, got {request.method}.", (("allow", allowed),)
            )
        principal = await self._authenticate(request) if endpoint.needs.known else _NOBODY
        endpoint.needs.check(principal, request.path_params)
        if_match = _tags(request, "If-Match")
        if if_match is None and endpoint.if_match == "required":
            raise HttpError(428, "Expected If-Match with the ETag of what is to be replaced.")
        query = _read_query(request, endpoint.query)
        body = await _read_body(request, endpoint)
        call = Call(
            path=request.path_params,
            query=query,
            body=body,
            headers=request.headers,
            principal=principal,
            address=request.client.host if request.client else "",
            secure=request.url.scheme == "https",
            if_match=if_match or ANY,
            once=_once(request, endpoint, principal, body),
        )
        answer = await endpoint.handler(call)
        if isinstance(answer, Lines):
            return _lines_response(request, answer)
        if isinstance(answer, Again):
            return _response_again(endpoint, answer)
        if not isinstance(answer, Reply):
            return _response(request, endpoint, answer)
        response = _response(request, endpoint, answer.body)
        for name, value in answer.headers:
            response.headers.append(name, value)
        return response


def _response(request: Request, endpoint: Endpoint, answer: Struct) -> Response:
    if endpoint.answer is Nothing:
        return Response(status_code=endpoint.status)
    body = msgspec.json.encode(answer)
    headers = _headers(endpoint, body)
    if endpoint.tag is not None:
        headers["etag"] = endpoint.tag(answer)
    if endpoint.location is not None:
        headers["location"] = endpoint.location(answer)
    if endpoint.method == "GET":
        held = _tags(request, "If-None-Match")
        if held is not None and held.match(headers["etag"]):
            del headers["content-type"]
            return Response(status_code=304, headers=headers)
    return Response(body, endpoint.status, headers)


def _response_again(endpoint: Endpoint, answer: Again) -> Response:
    headers = {
        **_headers(endpoint, answer.body),
        "location": answer.location,
        REPLAYED.lower(): "true",
    }
    return Response(answer.body, endpoint.status, headers)


def _headers(endpoint: Endpoint, body: bytes) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "cache-control": "no-store" if endpoint.method == "POST" else "no-cache",
        "etag": etag_of(body),
    }


def _lines_response(request: Request, answer: Lines) -> Response:
    headers = {
        "content-type": answer.media_type,
        "cache-control": "no-store",
        **dict(answer.headers),
    }
    if request.method == "HEAD":
        return Response(headers=headers)
    return StreamingResponse(answer.chunks, headers=headers)


def _read_query(request: Request, type: type[Struct]) -> Struct:
    """Return the query as *type*; numbers and booleans are read from their text."""
    repeatable = _repeatable(type)
    values: dict[str, str | list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name in repeatable:
            values[name] = request.query_params.getlist(name)
        elif name in values:
            raise BadInput.at(f"?{name}", "expected the parameter once")
        else:
            values[name] = value
    try:
        return msgspec.convert(values, type, strict=False)
    except msgspec.ValidationError as error:
        fault = fault_of(error, type)
        raise BadInput.at(fault.path.replace("$.", "?", 1), fault.message) from None


@cache
def _repeatable(type: type[Struct]) -> frozenset[str]:
    """Return the parameters that may be given more than once: those that are a list."""
    fields = inspect.type_info(type).fields  # type: ignore[attr-defined]  # a Struct has them
    return frozenset(
        field.encode_name for field in fields if isinstance(field.type, inspect.VarTupleType)
    )


async def _read_body(request: Request, endpoint: Endpoint) -> Any:
    if not endpoint.accepts:
        return None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in endpoint.accepts:
        raise HttpError(
            415,
            f"Expected the content type {' or '.join(endpoint.accepts)}, "
            f"got {media_type or 'none'}.",
            (("accept", ", ".join(endpoint.accepts)),),
        )
    chunks = _chunks(request, endpoint.most_bytes)
    if endpoint.takes:
        return Upload(media_type, chunks)
    return decode(b"".join([chunk async for chunk in chunks]), endpoint.body)


async def _chunks(request: Request, most: int) -> AsyncIterator[bytes]:
    too_large = HttpError(413, f"Expected a body of at most {most} bytes.")
    # A server has checked that it is a number; whoever announces too much need not send it.
    if int(request.headers.get("content-length", "0")) > most:
        raise too_large
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > most:
            raise too_large
        yield chunk


def _once(request: Request, endpoint: Endpoint, principal: Principal, body: Any) -> Once | None:
    key = key_in(request.headers.getlist(HEADER)) if endpoint.creates else None
    if key is None or endpoint.location is None:
        return None
    return Once(
        id_of(principal.id, request.url.path, key),
        fingerprint_of(body, endpoint.secrets),
        endpoint.location,
        shows_secret=endpoint.shows_secret,
    )


def _tags(request: Request, header: str) -> Tags | None:
    value = request.headers.get(header)
    return None if value is None else Tags.parse(header, value)


def _problem_response(error: PennonError) -> Response:
    status, headers, body = problem_of(error)
    return Response(body, status, dict(headers))


def _detail_of(error: HTTPException) -> str:
    return "There is nothing at this address." if error.status_code == 404 else error.detail
