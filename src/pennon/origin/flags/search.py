"""Which flags a list shows, and in which order: what is asked of it as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import flag_tags, flags, targetings
from pennon.origin.flags.lifecycle import REQUESTED_AT, is_stale, requests_joined, status
from pennon.origin.flags.queries import joined_in
from pennon.origin.flags.schemas import FlagQuery
from pennon.origin.paging import within
from pennon.origin.sorting import sorted_after_cursor
from pennon.web.permissions import Scope

_CREATED: Final = "createdAt"
_UPDATED: Final = "updatedAt"
_REQUESTED: Final = "lastRequestedAt"


@dataclass(frozen=True, slots=True)
class _There:
    """What is known of a flag where the list is about: in an environment, or in several."""

    on: ColumnElement[bool]
    requested_at: ColumnElement[int]
    has_status: ColumnElement[bool]
    stale: ColumnElement[bool]


def list_page(
    connection: Connection, project: str, asked: FlagQuery, scope: Scope, now: int
) -> Sequence[AnyRow]:
    """
    Return a page of a project's flags and one more.

    A flag is on there, or has a status, if it is so in any environment within *scope*; it is
    stale if it is so in all of them.
    """
    there = [targetings.c.project == flags.c.project, targetings.c.flag == flags.c.key]
    if scope != "*":
        there.append(within(scope, targetings.c.environment))

    def anywhere(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        rows = requests_joined(select(targetings.c.flag)).where(*there, condition)
        found: ColumnElement[bool] = rows.correlate(flags).exists()
        return found

    latest = requests_joined(select(func.max(REQUESTED_AT))).where(*there).correlate(flags)
    known = _There(
        on=exists().where(*there, targetings.c.enabled),
        requested_at=func.coalesce(latest.scalar_subquery(), 0),
        has_status=anywhere(status(now) == asked.status),
        stale=and_(anywhere(targetings.c.flag.is_not(None)), ~anywhere(~is_stale(now))),
    )
    query = _narrowed(select(flags).where(flags.c.project == project), asked, known)
    query = query.add_columns(
        known.requested_at.label("requested_at"), known.stale.label("is_stale")
    )
    times = {
        _CREATED: flags.c.created_at,
        _UPDATED: flags.c.updated_at,
        _REQUESTED: known.requested_at,
    }
    return connection.execute(sorted_after_cursor(query, flags.c.key, times, asked)).all()


def list_page_in(
    connection: Connection, environment: str, asked: FlagQuery, now: int
) -> Sequence[AnyRow]:
    """Return a page of an environment's flags and one more."""
    query = requests_joined(joined_in(environment))
    known = _There(
        on=targetings.c.enabled,
        requested_at=REQUESTED_AT,
        has_status=status(now) == asked.status,
        stale=is_stale(now),
    )
    query = _narrowed(query, asked, known).add_columns(
        REQUESTED_AT.label("requested_at"),
        status(now).label("status"),
        known.stale.label("is_stale"),
    )
    times = {
        _CREATED: flags.c.created_at,
        _UPDATED: targetings.c.changed_at,
        _REQUESTED: REQUESTED_AT,
    }
    # Of the two that are equal, the one that is in an index with the time.
    key = targetings.c.flag if asked.sort.endswith(_UPDATED) else flags.c.key
    return connection.execute(sorted_after_cursor(query, key, times, asked)).all()


def _narrowed(
    query: Select[*tuple[Any, ...]], asked: FlagQuery, there: _There
) -> Select[*tuple[Any, ...]]:
    query = query.where(flags.c.archived == (asked.archived or asked.state == "archived"))
    if asked.state in ("on", "off"):
        query = query.where(there.on if asked.state == "on" else ~there.on)
    if asked.q is not None:
        query = query.where(flags.c.search.contains(asked.q.lower(), autoescape=True))
    if asked.type is not None:
        query = query.where(flags.c.type == asked.type)
    if asked.owner is not None:
        query = query.where(flags.c.owner == asked.owner)
    if asked.temporary is not None:
        query = query.where(flags.c.temporary == asked.temporary)
    return query.where(*(_tagged(tag) for tag in asked.tag), *_used(asked, there))


def _used(asked: FlagQuery, there: _There) -> list[ColumnElement[bool]]:
    """Return what is asked about the use that is made of a flag."""
    wanted = []
    if asked.requested is not None:
        wanted.append(there.requested_at > 0 if asked.requested else there.requested_at == 0)
    if asked.requested_before is not None:
        wanted.append(there.requested_at < asked.requested_before.timestamp() * 1000)
    if asked.requested_since is not None:
        wanted.append(there.requested_at >= asked.requested_since.timestamp() * 1000)
    if asked.status is not None:
        wanted.append(there.has_status)
    if asked.stale is not None:
        wanted.append(there.stale if asked.stale else ~there.stale)
    return wanted


def _tagged(tag: str) -> ColumnElement[bool]:
    return exists().where(
        and_(
            flag_tags.c.project == flags.c.project,
            flag_tags.c.tag == tag,
            flag_tags.c.flag == flags.c.key,
        )
    )
