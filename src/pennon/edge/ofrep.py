"""
The OpenFeature Remote Evaluation Protocol, version 0.3: one flag, or all of them.

Providers are strict about what they read: `reason`, `variant`, `errorCode` and `errorDetails`
are always there, reasons are OpenFeature's own, a float flag's value always has a fraction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from pennon.edge.scope import Scope, Scopes
from pennon.errors import BadInput
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.reasons import openfeature_reason
from pennon.model.codec import decode
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.web.handler import JSON, NO_STORE, Handler, Request, Response

FLAGS_PATH = "/ofrep/v1/evaluate/flags"
_encode = msgspec.json.Encoder().encode


class Counter(Protocol):
    """Counts answers, and may look at whom they are for; it waits for nothing and never fails."""

    def see(self, environment: str, context: Context) -> None:
        """Take notice of a context that is evaluated."""
        ...

    def count(self, environment: str, detail: Detail) -> None:
        """Count the answer to an evaluation."""
        ...

    def count_all(self, environment: str, details: Sequence[Detail]) -> None:
        """Count the answers of a bulk evaluation."""
        ...


class _Body(Struct):
    context: Any = None


class OfrepEndpoints:
    """Evaluates what a key may see, and has it counted."""

    def __init__(self, scopes: Scopes, counter: Counter | None = None) -> None:
        self._scopes, self._counter = scopes, counter

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {
            ("POST", FLAGS_PATH): self.bulk,
            ("POST", f"{FLAGS_PATH}/"): self.bulk,
            ("POST", f"{FLAGS_PATH}/*"): self.single,
        }

    def single(self, request: Request) -> Response:
        """Evaluate the flag that the path names."""
        key = request.path[len(FLAGS_PATH) + 1 :]
        try:
            scope = self._scope(request)
            context = _context(request.body)
        except _BadRequest as error:
            return _json(400, {"key": key, **error.body})
        if scope.client_side and not scope.ruleset.is_visible(key, scope.client_side):
            return _json(404, _failure(_not_found(key)), scope)
        detail = evaluate(scope.ruleset, key, context)
        if self._counter is not None:
            self._counter.see(scope.environment, context)
            self._counter.count(scope.environment, detail)
        if detail.error_code is None:
            return _json(200, _success(detail, scope), scope)
        status = 404 if detail.error_code == "FLAG_NOT_FOUND" else 400
        return _json(status, _failure(detail), scope)

    def bulk(self, request: Request) -> Response:
        """Evaluate every flag that the key may see; 304 when the same would be said again."""
        try:
            scope = self._scope(request)
            etag = _etag(scope, request.body)
            if etag in request.headers.get("if-none-match", ""):
                return Response(status=304, headers=(("etag", etag), *scope.headers()))
            context = _context(request.body)
        except _BadRequest as error:
            return _json(400, error.body)
        details = evaluate_all(scope.ruleset, context, client_side=scope.client_side)
        if self._counter is not None:
            self._counter.see(scope.environment, context)
            self._counter.count_all(scope.environment, details)
        body = {
            "flags": [
                _success(detail, scope) if detail.error_code is None else _failure(detail)
                for detail in details
            ],
            "metadata": {"flagSetId": scope.environment, "version": scope.position},
        }
        return _json(200, body, scope, ("etag", etag))

    def _scope(self, request: Request) -> Scope:
        try:
            return self._scopes.of(request)
        except BadInput as error:
            raise _BadRequest("GENERAL", error) from None


class _BadRequest(Exception):
    def __init__(self, code: str, error: BadInput) -> None:
        self.body = {"errorCode": code, "errorDetails": str(error)}


def _context(body: bytes) -> Context:
    """Read a request's context. A missing one is empty: flags that need no key still answer."""
    try:
        given = decode(body, _Body).context if body.strip() else None
    except BadInput as error:
        raise _BadRequest("PARSE_ERROR", error) from None
    try:
        return Context.of({} if given is None else given, "$.context")
    except BadInput as error:
        raise _BadRequest("INVALID_CONTEXT", error) from None


def _success(detail: Detail, scope: Scope) -> dict[str, Any]:
    """Return what OFREP says of an answer; without a value, the caller's default applies."""
    answer: dict[str, Any] = {
        "key": detail.flag,
        "reason": openfeature_reason(detail, scope.ruleset),
        "variant": detail.variation or "",
        "metadata": _metadata(detail, scope),
    }
    if detail.variation is not None:
        answer["value"] = _typed(detail, scope)
    return answer


def _typed(detail: Detail, scope: Scope) -> Any:
    """Return the value; a float flag's, which may have been written as 1, as 1.0."""
    value = detail.value
    if type(value) is int and scope.ruleset.type_of(detail.flag) == "float":
        with suppress(OverflowError):  # no float is that large: it stays what it is
            return float(value)
    return value


def _metadata(detail: Detail, scope: Scope) -> dict[str, str | int | float | bool]:
    metadata: dict[str, str | int | float | bool] = {
        "flagSetId": scope.environment,
        "version": detail.version,
        "pennon.reason": detail.reason,
    }
    if scope.stale_ms is not None:
        metadata["pennon.staleMs"] = scope.stale_ms
    return {**metadata, **scope.ruleset.metadata_of(detail.flag)}


def _failure(detail: Detail) -> dict[str, Any]:
    return {
        "key": detail.flag,
        "errorCode": detail.error_code,
        "errorDetails": detail.error_message or detail.error_code,
    }


def _not_found(key: str) -> Detail:
    return Detail(
        flag=key,
        reason="ERROR",
        error_code="FLAG_NOT_FOUND",
        error_message=f"There is no flag {key!r} for this key.",
    )


def _etag(scope: Scope, body: bytes) -> str:
    """Return the tag of all that a bulk answer depends on."""
    parts = (scope.environment, scope.position, scope.client_side or "server")
    seen = hashlib.sha256("\0".join(parts).encode() + b"\0" + body)
    return f'"{seen.hexdigest()[:32]}"'


def _json(
    status: int, body: dict[str, Any], scope: Scope | None = None, *more: tuple[str, str]
) -> Response:
    headers = (JSON, NO_STORE, *(scope.headers() if scope else ()), *more)
    return Response(status=status, headers=headers, body=_encode(body))
