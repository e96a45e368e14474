"""
What OFREP says of an answer, and of a failure.

Providers are strict about what they read: `reason`, `variant`, `errorCode` and `errorDetails`
are always there, reasons are OpenFeature's own, a float flag's value always has a fraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pennon.edge.scope import Scope
from pennon.errors import BadInput
from pennon.evaluation.reasons import openfeature_reason
from pennon.evaluation.served import typed_value
from pennon.evaluation.tracked import is_tracked
from pennon.model.detail import Detail
from pennon.web.data_plane import failure
from pennon.web.handler import JSON, NO_STORE, Request, Response

_encode = msgspec.json.Encoder().encode


class BadRequest(Exception):
    """What was sent cannot be evaluated, and the OpenFeature error that says so."""

    def __init__(self, code: str, error: BadInput) -> None:
        self.body = {"errorCode": code, "errorDetails": str(error)}


def written(detail: Detail, scope: Scope) -> bytes:
    """
    Return the JSON of what is said of one flag: a success, or that flag's own failure.

    An answer is made when its flag is loaded and given out again and again, so it is written once
    for each version. What differs from one evaluation to the next is written anew: failures,
    answers without certainty, and all of them while the node is stale.
    """
    kept = scope.ruleset.written
    if scope.stale_ms is not None or detail.error_code or detail.membership_unknown:
        return _encode(failure_of(detail) if detail.error_code else _success(detail, scope))
    body = kept.get(detail)
    if body is None:
        body = kept[detail] = _encode(_success(detail, scope))
    return body


def all_written(details: Sequence[Detail], scope: Scope) -> bytes:
    """Return the JSON of what is said of many flags, one after another."""
    kept = scope.ruleset.written
    try:
        if scope.stale_ms is None:
            return b",".join([kept[detail] for detail in details])
    except KeyError:
        pass
    return b",".join([written(detail, scope) for detail in details])


def failure_of(detail: Detail) -> dict[str, Any]:
    """Return what is said of a flag that could not be evaluated."""
    return {
        "key": detail.flag,
        "errorCode": detail.error_code,
        "errorDetails": detail.error_message or detail.error_code,
    }


def not_found(key: str) -> Detail:
    """Return the detail of a flag that is not there for who asks."""
    return Detail(
        flag=key,
        reason="ERROR",
        error_code="FLAG_NOT_FOUND",
        error_message=f"There is no flag {key!r} for this key.",
    )


def respond(
    status: int,
    body: bytes,
    scope: Scope | None = None,
    more: Sequence[tuple[str, str]] = (),
) -> Response:
    """Return *body*, JSON that nobody keeps, with the headers that say how current it is."""
    headers = (JSON, NO_STORE, *(scope.headers() if scope else ()), *more)
    return Response(status=status, headers=headers, body=body)


def refused(request: Request, error: Exception, key: str | None = None) -> Response:
    """
    Return the answer to a request that *error* ended: a bad one, or one that nobody may make.

    All but bad input is a problem document, as everywhere, which says the same in the words of
    OFREP as well: there are providers that fail on a 404 or a 500 without them.
    """
    named = {} if key is None else {"key": key}
    if isinstance(error, BadRequest):
        return respond(400, _encode({**named, **error.body}))
    problem = failure(request, error)
    told = msgspec.json.decode(problem.body)
    # To a provider that asks for one flag, 404 means that there is none.
    code = "FLAG_NOT_FOUND" if problem.status == 404 and key is not None else "GENERAL"
    body = {**told, **named, "errorCode": code, "errorDetails": told["detail"]}
    return Response(status=problem.status, headers=problem.headers, body=_encode(body))


def _success(detail: Detail, scope: Scope) -> dict[str, Any]:
    """Return what is said of an answer; without a value, the caller's default applies."""
    answer: dict[str, Any] = {
        "key": detail.flag,
        "reason": openfeature_reason(detail, scope.ruleset),
        "variant": detail.variation or "",
        "metadata": _metadata(detail, scope),
    }
    if detail.variation is not None:
        answer["value"] = typed_value(detail, scope.ruleset)
    return answer


def _metadata(detail: Detail, scope: Scope) -> dict[str, str | int | float | bool]:
    metadata: dict[str, str | int | float | bool] = {
        "flagSetId": scope.environment,
        "version": detail.version,
        "pennon.reason": detail.reason,
    }
    if scope.stale_ms is not None:
        metadata["pennon.staleMs"] = scope.stale_ms
    if detail.membership_unknown:
        metadata["pennon.membershipUnknown"] = True
    flag = scope.ruleset.flag(detail.flag)
    if flag is not None and is_tracked(flag, detail):
        # Whoever uses the answer tells of it: to evaluate many flags at once is not to use them.
        metadata["pennon.track"] = True
        if detail.rule_id is not None:
            metadata["pennon.ruleId"] = detail.rule_id
    return {**metadata, **scope.ruleset.metadata_of(detail.flag)}
