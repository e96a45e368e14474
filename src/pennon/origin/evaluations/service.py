"""Answers how often a flag served what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Final

from sqlalchemy import Connection

from pennon.errors import BadInput
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.queries import require_environment
from pennon.origin.evaluations import queries
from pennon.origin.evaluations.rollup import SECOND_MS
from pennon.origin.evaluations.schemas import (
    BucketView,
    CountView,
    EvaluationsQuery,
    EvaluationsView,
    Resolution,
)
from pennon.origin.flags.retargeting import require_in
from pennon.origin.schemas import full_name, moment

MOST_BUCKETS: Final = 1_500

_LAST_TIME: Final = 2**47
_SECONDS: Final[dict[Resolution, int]] = {"minute": 60, "hour": 3_600, "day": 86_400}
_SHOWN: Final[dict[Resolution, int]] = {"minute": 60, "hour": 24, "day": 30}
"""How many buckets are shown where no time is said, the present one among them."""


def evaluations_of(
    connection: Connection,
    project: str,
    environment: str,
    flag: str,
    asked: EvaluationsQuery,
    now: int,
) -> EvaluationsView:
    """Return how often a flag served what. Raises NotFound, and BadInput for too long a time."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    require_in(connection, name, flag)
    start, end = _span(asked, now)
    seconds = _SECONDS[asked.resolution]
    rows = queries.counts_between(connection, name, flag, seconds, start, end)
    requested = queries.last_request(connection, name, flag)
    return EvaluationsView(
        flag=flag,
        project=project,
        environment=environment,
        resolution=asked.resolution,
        from_=moment(start),
        to=moment(end),
        last_requested_at=None if requested is None else moment(requested),
        totals=_counted(rows),
        items=tuple(
            BucketView(at=moment(at), counts=_counted(some))
            for at, some in groupby(rows, lambda row: row.at)
        ),
    )


def _span(asked: EvaluationsQuery, now: int) -> tuple[int, int]:
    """Return the times asked for, widened to whole buckets."""
    width = _SECONDS[asked.resolution] * SECOND_MS
    end = _up(now + 1 if asked.to is None else _milliseconds(asked.to, "?to"), width)
    start = end - _SHOWN[asked.resolution] * width
    if asked.from_ is not None:
        start = _milliseconds(asked.from_, "?from") // width * width
    if start >= end:
        raise BadInput.at("?from", "expected a time before `to`")
    if end - start > MOST_BUCKETS * width:
        raise BadInput.at(
            "?from", f"expected at most {MOST_BUCKETS} {asked.resolution}s; ask more coarsely"
        )
    return start, end


def _counted(rows: Iterable[AnyRow]) -> tuple[CountView, ...]:
    """Return what rows add up to, the most frequent first."""
    counts = Counter[tuple[str, str]]()
    for row in rows:
        counts[row.variation, row.reason] += row.total
    return tuple(
        CountView(variation=variation or None, reason=reason, count=count)  # type: ignore[arg-type]  # as it was taken
        for (variation, reason), count in sorted(
            counts.items(), key=lambda item: (-item[1], item[0])
        )
    )


def _milliseconds(time: datetime, path: str) -> int:
    milliseconds = int(time.timestamp() * 1000)
    if not 0 <= milliseconds < _LAST_TIME:
        raise BadInput.at(path, f"expected a time from 1970 to 6400, got {time.isoformat()}")
    return milliseconds


def _up(time: int, width: int) -> int:
    return -(-time // width) * width
