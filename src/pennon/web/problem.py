"""
Errors as HTTP answers: the one table, and RFC 9457 problem documents.

Input that is wrong is 400 throughout, whether it is not JSON at all or JSON that cannot be
accepted: a client that would act differently reads `errors`, not the status.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from msgspec import Struct

from pennon.errors import (
    AlreadyExists,
    AnsweredOnce,
    BadInput,
    Conflict,
    Fault,
    Forbidden,
    Gone,
    NotFound,
    NotReady,
    PennonError,
    PreconditionFailed,
    ReadOnly,
    SourceLost,
    TooManyAttempts,
    TooManyRequests,
    Unauthenticated,
)

Headers = tuple[tuple[str, str], ...]

PROBLEMS: Final[dict[type[PennonError], tuple[HTTPStatus, str, str]]] = {
    BadInput: (HTTPStatus.BAD_REQUEST, "bad-input", "The input is wrong"),
    NotFound: (HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    Gone: (HTTPStatus.GONE, "gone", "No longer kept"),
    AlreadyExists: (HTTPStatus.CONFLICT, "already-exists", "The key is taken"),
    AnsweredOnce: (HTTPStatus.CONFLICT, "answered-once", "Created before, its secret shown then"),
    ReadOnly: (HTTPStatus.CONFLICT, "read-only", "Changes are for the primary"),
    Conflict: (HTTPStatus.CONFLICT, "conflict", "Not possible in the present state"),
    PreconditionFailed: (HTTPStatus.PRECONDITION_FAILED, "moved-on", "Changed since it was read"),
    Unauthenticated: (HTTPStatus.UNAUTHORIZED, "unauthenticated", "A valid key is needed"),
    Forbidden: (HTTPStatus.FORBIDDEN, "forbidden", "The key does not allow this"),
    TooManyAttempts: (HTTPStatus.TOO_MANY_REQUESTS, "too-many-attempts", "Too many attempts"),
    TooManyRequests: (HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", "Too many requests"),
    NotReady: (HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", "Not ready yet"),
    SourceLost: (HTTPStatus.SERVICE_UNAVAILABLE, "source-lost", "The source is not reachable"),
}

_TIMED: Final = (NotReady, SourceLost, TooManyAttempts, TooManyRequests)


class HttpError(PennonError):
    """The request breaks a rule of HTTP's own: a method, a size, a media type."""

    def __init__(self, status: int, detail: str, headers: Headers = ()) -> None:
        self.status, self.headers = status, headers
        super().__init__(detail)


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document; `type` names the kind of problem, `errors` where each fault is."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: Sequence[Fault] = ()


def problem_of(error: PennonError) -> tuple[int, Headers, bytes]:
    """Return the status, headers and body that answer *error*."""
    if isinstance(error, HttpError):
        status, headers, body = problem(error.status, str(error))
        return status, headers + error.headers, body
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            code, slug, title = PROBLEMS[kind]
            return _answer(
                Problem(
                    type=f"urn:pennon:problem:{slug}",
                    title=title,
                    status=code,
                    detail=_detail_of(error),
                    errors=error.faults if isinstance(error, BadInput) else (),
                ),
                _headers_of(error),
            )
    return problem(500, "Pennon failed to answer; it has logged why.")


def problem(status: int, detail: str) -> tuple[int, Headers, bytes]:
    """Return the status, headers and body of a problem that HTTP itself has a name for."""
    return _answer(Problem(title=HTTPStatus(status).phrase, status=status, detail=detail), ())


def _answer(document: Problem, headers: Headers) -> tuple[int, Headers, bytes]:
    body = msgspec.json.encode(document)
    base = (("content-type", "application/problem+json"), ("cache-control", "no-store"))
    return document.status, base + headers, body


def _detail_of(error: PennonError) -> str:
    """Say what is wrong; the faults of an input are not said twice."""
    if isinstance(error, BadInput):
        count = len(error.faults)
        return f"{count} {'faults' if count > 1 else 'fault'} found, listed in `errors`."
    return str(error)


def _headers_of(error: PennonError) -> Headers:
    if isinstance(error, Unauthenticated):
        return (("www-authenticate", 'Bearer realm="pennon"'),)
    if isinstance(error, AnsweredOnce):
        return (("location", error.location),)
    if isinstance(error, _TIMED) and error.retry_after is not None:
        return (("retry-after", str(math.ceil(error.retry_after))),)
    return ()
