"""The events of a client stream, as they are written."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pennon.evaluation.served import Served
from pennon.evaluation.served_state import State
from pennon.relay.sse import format_event

_encode = msgspec.json.Encoder().encode


def put_event(state: State, answers: Iterable[Served]) -> bytes:
    """Return the event that says all *answers*: they replace whatever a client has."""
    return format_event("put", b"%b}" % _head(state, answers), str(state))


def patch_event(state: State, answers: Iterable[Served], removed: Iterable[str]) -> bytes:
    """Return the event of *answers* that are new, and of flags that have none any more."""
    data = b'%b,"removed":%b}' % (_head(state, answers), _encode(list(removed)))
    return format_event("patch", data, str(state))


def goodbye_event(wait_ms: int) -> bytes:
    """Return the last words of a node: come back, here or elsewhere, after *wait_ms*."""
    data = b'{"retryAfterMs":%d}' % wait_ms
    return b"retry: %d\n%b" % (wait_ms, format_event("goodbye", data))


def _head(state: State, answers: Iterable[Served]) -> bytes:
    epoch, version = state.position
    flags = b",".join([answer.member for answer in answers])
    return b'{"version":"v%d","epoch":"%b","flags":{%b}' % (version, epoch.encode(), flags)
