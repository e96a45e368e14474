"""
The shapes of OFREP 0.3, in our own words: what a provider may count on.

`shape_faults` says where an answer has another. It knows nothing of Pennon, and is stricter than
the protocol's document where the providers that exist are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tests.builders.web import Answered

REASONS: Final = {
    "STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "CACHED", "DISABLED", "UNKNOWN", "STALE",
}  # fmt: skip
"""What the OpenFeature SDKs know; an enum of Python's fails on any other."""
FLAG_CODES: Final = {"PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL"}
STATUSES: Final = {200, 304, 400, 401, 403, 404, 429, 500, 503}


def shape_faults(answer: Answered, *, bulk: bool = False) -> list[str]:
    """Return what is wrong with the form of *answer*."""
    return list(_faults(answer, bulk=bulk))


def _faults(answer: Answered, *, bulk: bool) -> Iterator[str]:
    if answer.status not in STATUSES:
        yield f"status {answer.status}"
    if answer.status == 304:
        if not bulk or answer.body or "etag" not in answer.headers:
            yield "a 304 is a bulk answer, without a body and with its tag"
        return
    if "json" not in answer.headers["content-type"]:
        yield "a provider reads JSON only"
    if answer.status in (429, 503) and "retry-after" not in answer.headers:
        yield "who is to come back is told when"
    if answer.status != 200:
        codes = {"FLAG_NOT_FOUND"} if answer.status == 404 and not bulk else FLAG_CODES
        yield from _failure_faults(answer.json(), codes, keyed=not bulk)
    elif bulk:
        yield from _bulk_faults(answer)
    else:
        yield from _success_faults(answer.json())


def _bulk_faults(answer: Answered) -> Iterator[str]:
    body = answer.json()
    if not answer.headers.get("etag", "").startswith('"'):
        yield "a bulk answer has a tag"
    if extra := body.keys() - {"flags", "metadata", "eventStreams"}:
        yield f"nothing is known of {extra}"
    yield from _metadata_faults(body.get("metadata", {}))
    for flag in body["flags"]:
        if "errorCode" in flag:
            yield from _failure_faults(flag, FLAG_CODES, keyed=True)
        else:
            yield from _success_faults(flag)
    for stream in body.get("eventStreams", ()):
        yield from _stream_faults(stream)


def _success_faults(flag: dict[str, Any]) -> Iterator[str]:
    if extra := flag.keys() - {"key", "value", "reason", "variant", "metadata"}:
        yield f"nothing is known of {extra}"
    for name in ("key", "reason", "variant"):
        if not isinstance(flag.get(name), str):
            yield f"{name} is text, and always there"
    if flag.get("reason") not in REASONS:
        yield f"no provider knows the reason {flag.get('reason')}"
    yield from _metadata_faults(flag.get("metadata", {}))


def _failure_faults(body: dict[str, Any], codes: set[str], *, keyed: bool) -> Iterator[str]:
    if body.get("errorCode") not in codes:
        yield f"error code {body.get('errorCode')}"
    if not isinstance(body.get("errorDetails"), str) or not body["errorDetails"]:
        yield "details are text, and always there: Python's provider fails without"
    if keyed and not isinstance(body.get("key"), str):
        yield "a failure names its flag"


def _metadata_faults(metadata: dict[str, Any]) -> Iterator[str]:
    for name, value in metadata.items():
        if not isinstance(value, (bool, str, int, float)):
            yield f"metadata is flat: {name}"


def _stream_faults(stream: dict[str, Any]) -> Iterator[str]:
    if stream.get("type") != "sse":
        yield f"a provider passes over streams of type {stream.get('type')}"
    if ("url" in stream) is ("endpoint" in stream):
        yield "a stream has an address or an endpoint, and not both"
    if "endpoint" in stream and not stream["endpoint"]["requestUri"].startswith("/"):
        yield "an endpoint's address begins at the root"
    if not isinstance(stream.get("inactivityDelaySec", 0), int):
        yield "the delay is in whole seconds"
