"""Which flags a list shows, and in which order: what is asked of it as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, select

from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import flag_tags, flags, targetings
from pennon.origin.flags.queries import joined
from pennon.origin.flags.schemas import FlagQuery
from pennon.origin.paging import within
from pennon.origin.sorting import sorted_after_cursor
from pennon.web.permissions import Scope

_CREATED: Final = "createdAt"
_UPDATED: Final = "updatedAt"


def list_page(
    connection: Connection, project: str, asked: FlagQuery, scope: Scope
) -> Sequence[AnyRow]:
    """
    Return a page of a project's flags and one more.

    A flag is on there if it is on in any environment within *scope*.
    """
    there = [targetings.c.project == flags.c.project, targetings.c.flag == flags.c.key]
    if scope != "*":
        there.append(within(scope, targetings.c.environment))
    on = exists().where(*there, targetings.c.enabled)
    query = _narrowed(select(flags).where(flags.c.project == project), asked, on)
    times = {_CREATED: flags.c.created_at, _UPDATED: flags.c.updated_at}
    return connection.execute(sorted_after_cursor(query, flags.c.key, times, asked)).all()


def list_page_in(connection: Connection, environment: str, asked: FlagQuery) -> Sequence[AnyRow]:
    """Return a page of an environment's flags and one more."""
    query = joined().where(targetings.c.environment == environment)
    query = _narrowed(query, asked, targetings.c.enabled)
    defined, targeted = flags.c.updated_at, targetings.c.updated_at
    updated = case((defined > targeted, defined), else_=targeted)
    times = {_CREATED: flags.c.created_at, _UPDATED: updated}
    return connection.execute(sorted_after_cursor(query, flags.c.key, times, asked)).all()


def _narrowed(
    query: Select[*tuple[Any, ...]], asked: FlagQuery, on: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    query = query.where(flags.c.archived == (asked.archived or asked.state == "archived"))
    if asked.state in ("on", "off"):
        query = query.where(on if asked.state == "on" else ~on)
    if asked.q is not None:
        query = query.where(flags.c.search.contains(asked.q.lower(), autoescape=True))
    if asked.type is not None:
        query = query.where(flags.c.type == asked.type)
    if asked.owner is not None:
        query = query.where(flags.c.owner == asked.owner)
    if asked.temporary is not None:
        query = query.where(flags.c.temporary == asked.temporary)
    return query.where(*(_tagged(tag) for tag in asked.tag))


def _tagged(tag: str) -> ColumnElement[bool]:
    return exists().where(
        and_(
            flag_tags.c.project == flags.c.project,
            flag_tags.c.tag == tag,
            flag_tags.c.flag == flags.c.key,
        )
    )
