"""An environment as it was: the datafile that its followers had at a version, or at a time."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from pennon.errors import BadInput, NotFound
from pennon.model.codec import digest_of
from pennon.model.messages import ItemId, Snapshot
from pennon.model.position import Position
from pennon.origin.db.installation import read_epoch
from pennon.origin.environments.queries import require_environment
from pennon.origin.history import queries
from pennon.origin.history.schemas import DatafileQuery
from pennon.origin.schemas import full_name


def datafile(
    connection: Connection, project: str, environment: str, asked: DatafileQuery
) -> Snapshot:
    """
    Return what an environment held at a version or by a time; now, if neither is said.

    Raises BadInput, and NotFound for a version that it has not reached and a time before it.
    """
    if asked.version is not None and asked.at is not None:
        raise BadInput.at("?at", "expected either a version or a time")
    head = require_environment(connection, project, environment)
    name = full_name(project, environment)
    version = head.version
    if asked.version is not None:
        version = asked.version
    elif asked.at is not None:
        time = _milliseconds(asked.at)
        if time < head.created_at:
            raise NotFound("version", f"{name} at {asked.at}")
        version = queries.version_at(connection, name, time) or 0
    if version > head.version:
        raise NotFound("version", f"{name} {version}")
    return datafile_at(connection, name, version)


def datafile_at(connection: Connection, environment: str, version: int) -> Snapshot:
    """Return what *environment* held at a version that it has reached."""
    items: dict[ItemId, bytes] = {
        (row.kind, row.key): row.data
        for row in queries.read_items(connection, environment, version)
    }
    moment = _moment(connection, environment, version)
    return Snapshot(
        environment=environment,
        position=Position(moment.epoch, version),
        digest=digest_of(items),
        items=items,
        committed_at=moment.at,
    )


class _Moment(NamedTuple):
    epoch: str
    at: int


def _moment(connection: Connection, environment: str, version: int) -> _Moment:
    """Return when a version was made, and in which epoch; version 0 was made by nobody."""
    row = queries.find_moment(connection, environment, version)
    return _Moment(row.epoch, row.at) if row else _Moment(read_epoch(connection), 0)


def _milliseconds(text: str) -> int:
    """Read a time in ISO 8601 as epoch milliseconds. Raises BadInput."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = datetime.min
    if time.tzinfo is None:
        raise BadInput.at("?at", "expected a time with its offset, such as 2026-11-20T12:00Z")
    return int(time.timestamp() * 1000)
