"""Which errors mean that PostgreSQL did not answer, and which that somebody else was first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from pennon.errors import BadInput, SourceLost

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNANSWERED: Final = (
    "08",  # the connection broke, or could not be made
    "28",  # it does not let us in
    "3D",  # it has no such database
    "53",  # it has no room: connections, memory, disk
    "55P03",  # a lock was held for too long
    "57",  # it is starting or stopping, or the statement took too long
    "58",  # its disk failed
)
_RACED: Final = frozenset(
    {
        "23505",  # two created the same thing: who looks again finds the other's
        "40001",  # it could not be serialised; or it was in the way of what a replica replays
        "40P01",  # a deadlock, of which this was the victim
    }
)
_UNHOLDABLE: Final = (
    "22",  # too long, out of range, no text
    "54",  # too large for an index
)
_NOT_TEXT: Final = "22021"

log = structlog.get_logger(__name__)


def is_raced(error: DBAPIError) -> bool:
    """Return whether the same unit of work may do better when it is run again."""
    return _state_of(error) in _RACED


def is_repeatable(error: DBAPIError) -> bool:
    """Return whether the same read may do better: `is_raced`, or its connection broke."""
    return error.connection_invalidated or is_raced(error)


def is_unholdable(error: BaseException) -> bool:
    """Return whether the database can never hold what it was told to."""
    if isinstance(error, DBAPIError):
        return _state_of(error).startswith(_UNHOLDABLE)
    return isinstance(error, BadInput)


def reason_of(error: BaseException) -> str | None:
    """Return in words why the database did not answer; None when it did, with an error."""
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, OSError | NoConnectionFree):
        return str(error)
    if not isinstance(error, DBAPIError):
        return None
    if error.connection_invalidated or _state_of(error).startswith(_UNANSWERED):
        return str(error.orig).removeprefix("<class '").replace("'>", "")
    return None


@contextmanager
def told_as_lost() -> Iterator[None]:
    """
    Raise SourceLost where the database does not answer; the log has the reason.

    Raises BadInput for text that PostgreSQL cannot hold, which is text with a NUL.
    """
    try:
        yield
    except (DBAPIError, OSError, NoConnectionFree) as error:
        if isinstance(error, DBAPIError) and _state_of(error) == _NOT_TEXT:
            raise BadInput.at("$", "expected text without the character U+0000") from None
        reason = reason_of(error)
        if reason is None:
            raise
        log.warning("database_lost", reason=reason)
        raise SourceLost("The database did not answer.", retry_after=1.0) from error


def _state_of(error: DBAPIError) -> str:
    """Return the SQLSTATE of an error, empty where it has none."""
    return getattr(error.orig, "sqlstate", None) or ""
