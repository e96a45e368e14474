"""
Where a flag stands in its life in an environment, as SQL: new, active, launched or inactive.

Each says something of the last week: a flag is `new` that was created in it; `inactive`, if nobody
has asked for it; `launched`, if all who asked got one variation and its targeting stayed as it was;
else it is `active`. Counts are read by whole days, so what was served is looked at for up to eight.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, select

from pennon.origin.db.tables import evaluations, flag_requests, flags, targetings, uses
from pennon.origin.evaluations.rollup import DAY_MS

QUIET_MS: Final = 7 * DAY_MS
"""For how long nothing must have happened."""

_DAY: Final = 86_400

REQUESTED_AT: Final = func.coalesce(flag_requests.c.at, 0)
"""When a flag was last asked for, 0 for never; needs `requests_joined`."""


def requests_joined(query: Any) -> Any:
    """Return *query*, which is about `targetings`, with when each flag was last asked for."""
    return query.outerjoin(
        flag_requests,
        and_(
            flag_requests.c.environment == targetings.c.environment,
            flag_requests.c.flag == targetings.c.flag,
        ),
    )


def status(now: int) -> ColumnElement[str]:
    """Return a flag's status, of `flags`, `targetings` and `flag_requests` joined."""
    since = now - QUIET_MS
    return case(
        (flags.c.created_at > since, literal("new")),
        (since > REQUESTED_AT, literal("inactive")),
        (
            and_(targetings.c.updated_at <= since, _variations_since(since) == 1),
            literal("launched"),
        ),
        else_=literal("active"),
    )


def is_stale(now: int) -> ColumnElement[bool]:
    """
    Return whether a flag could go, as far as an environment is concerned.

    It is meant to be temporary, is launched or inactive, and no other flag there requires it.
    """
    return and_(
        flags.c.temporary,
        status(now).in_(["launched", "inactive"]),
        ~exists()
        .where(
            uses.c.environment == targetings.c.environment,
            uses.c.used_kind == "flag",
            uses.c.used_key == targetings.c.flag,
        )
        .correlate(targetings),
    )


def _variations_since(since: int) -> ColumnElement[int]:
    return (
        select(func.count(evaluations.c.variation.distinct()))
        .where(
            evaluations.c.environment == targetings.c.environment,
            evaluations.c.flag == targetings.c.flag,
            evaluations.c.resolution == _DAY,
            evaluations.c.at >= since - since % DAY_MS,
        )
        .correlate(targetings)
        .scalar_subquery()
    )
