"""Answers which events came lately, and how many units a flag served what."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from pennon.errors import BadInput
from pennon.origin.db.rows import AnyRow
from pennon.origin.environments.queries import require_environment
from pennon.origin.events import queries
from pennon.origin.events.keeping import Document
from pennon.origin.events.queries import Wanted
from pennon.origin.events.schemas import (
    EventPage,
    EventsQuery,
    EventView,
    ExposedView,
    ExposuresQuery,
    ExposuresView,
)
from pennon.origin.flags.retargeting import require_in
from pennon.origin.paging import decode_cursor, encode_cursor
from pennon.origin.schemas import full_name, moment

_LAST_TIME: Final = 2**53
_PLACE: Final = re.compile(r"([0-9]{1,16})\.([0-9a-f]{32})", re.ASCII)
_decode: Final = msgspec.json.Decoder(Document).decode


def events_of(
    connection: Connection, project: str, environment: str, asked: EventsQuery
) -> EventPage:
    """Return a page of an environment's events, the newest first. Raises NotFound and BadInput."""
    require_environment(connection, project, environment)
    wanted = _wanted(full_name(project, environment), asked)
    rows: list[AnyRow] = []
    if asked.kind != "custom" and asked.name is None:
        rows += queries.newest_exposures(connection, wanted, asked.limit + 1)
    if asked.kind != "exposure" and asked.flag is None:
        rows += queries.newest_custom_events(connection, wanted, asked.limit + 1)
    rows.sort(key=lambda row: (row.at, row.id), reverse=True)
    page = rows[: asked.limit]
    following = f"{page[-1].at}.{page[-1].id}" if len(rows) > asked.limit else None
    return EventPage(
        items=tuple(map(_view, page)), next=None if following is None else encode_cursor(following)
    )


def exposures_of(
    connection: Connection, project: str, environment: str, flag: str, asked: ExposuresQuery
) -> ExposuresView:
    """Return how many units a flag served each variation. Raises NotFound and BadInput."""
    require_environment(connection, project, environment)
    name = full_name(project, environment)
    require_in(connection, name, flag)
    start = 0 if asked.from_ is None else _milliseconds(asked.from_, "?from")
    end = _LAST_TIME if asked.to is None else _milliseconds(asked.to, "?to")
    if start >= end:
        raise BadInput.at("?from", "expected a time before `to`")
    return ExposuresView(
        flag=flag,
        project=project,
        environment=environment,
        variations=tuple(
            ExposedView(variation=row.variation, units=row.units)
            for row in queries.units_by_variation(connection, name, flag, start, end)
        ),
        in_several=queries.units_in_several(connection, name, flag, start, end),
    )


def _wanted(environment: str, asked: EventsQuery) -> Wanted:
    if asked.flag is not None and asked.name is not None:
        raise BadInput.at("?name", "expected no name beside a flag: no event has both")
    kind, _, key = (asked.unit or "").partition(":")
    return Wanted(
        environment,
        flag=asked.flag,
        name=asked.name,
        unit=None if asked.unit is None else (kind, key),
        before=None if asked.cursor is None else _place(asked.cursor),
    )


def _place(cursor: str) -> tuple[int, str]:
    found = _PLACE.fullmatch(decode_cursor(cursor))
    if found is None:
        raise BadInput.at("?cursor", "expected the `next` of an earlier page")
    return int(found[1]), found[2]


def _view(row: AnyRow) -> EventView:
    if "document" in row._fields:
        document = _decode(row.document)
        return EventView(
            kind="custom",
            at=moment(row.at),
            units=document.units,
            name=row.name,
            value=row.value,
            properties=document.properties,
        )
    return EventView(
        kind="exposure",
        at=moment(row.at),
        units={row.unit_kind: row.unit_key},
        flag=row.flag,
        variation=row.variation,
        version=row.version,
        rule_id=row.rule or None,
    )


def _milliseconds(time: datetime, path: str) -> int:
    milliseconds = int(time.timestamp() * 1000)
    if milliseconds < 0:
        raise BadInput.at(path, f"expected a time since 1970, got {time.isoformat()}")
    return milliseconds
