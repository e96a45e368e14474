"""
Whether a segment has external members, which must go before it keeps them otherwise.

Taken for keys of another kind they would mean others, and forgotten they would come back one day.
"""

from __future__ import annotations

from sqlalchemy import Connection

from pennon.errors import Conflict
from pennon.origin.members.queries import find_live


def refuse_populated(connection: Connection, environment: str, segment: str) -> None:
    """Raise Conflict where a segment has external members in *environment*."""
    live = find_live(connection, environment, segment)
    if live is not None and live.included + live.excluded:
        raise Conflict(told_of(environment, segment))


def told_of(environment: str, segment: str) -> str:
    """Return why `external` cannot change in *environment*."""
    return (
        f"The segment {segment!r} has external members in {environment}. Remove them before "
        "`external` is taken away or names another kind."
    )
