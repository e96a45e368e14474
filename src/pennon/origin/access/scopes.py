"""Scopes and times of expiry, checked before they are granted, and as they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, Literal

from msgspec import json
from sqlalchemy import Connection

from pennon.errors import Fault
from pennon.origin.environments.queries import archived_by_name
from pennon.origin.projects.queries import existing
from pennon.web.permissions import EVERYTHING, Scope

# Beyond it a time in another zone is in a year that cannot be written.
_END_OF_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)

_kept: Final = json.Decoder(tuple[str, ...] | Literal["*"])


def scope_faults(connection: Connection, scope: Scope, path: str) -> Iterator[Fault]:
    """
    Yield what is wrong with a scope: names of what does not exist.

    Whoever created it later would find somebody in it whom nobody let in.
    """
    if scope == EVERYTHING:
        return
    found = existing(connection, [name for name in scope if "/" not in name])
    found |= archived_by_name(connection, [name for name in scope if "/" in name]).keys()
    for index, name in enumerate(scope):
        if name not in found:
            kind = "environment" if "/" in name else "project"
            yield Fault(f"{path}[{index}]", f"there is no {kind} {name!r}")


def time_faults(time: datetime | None, now: int, path: str = "$.expiresAt") -> Iterator[Fault]:
    """Yield what is wrong with a time to come, such as one of expiry."""
    if time is None:
        return
    if time.tzinfo is None:
        yield Fault(path, "expected a time with its offset from UTC")
    elif milliseconds(time) <= now:
        yield Fault(path, "expected a time to come")
    elif time >= _END_OF_TIME:
        yield Fault(path, "expected a time before the year 9999, or none")


def milliseconds(moment: datetime) -> int:
    """Return a time as epoch milliseconds."""
    return round(moment.timestamp() * 1000)


def encode_scope(scope: Scope) -> bytes:
    """Return *scope* as it is kept."""
    return json.encode(scope)


def decode_scope(data: bytes) -> Scope:
    """Return the scope that was kept as *data*."""
    scope: Scope = _kept.decode(data)
    return scope
