"""Reads the audit log."""

from __future__ import annotations

from msgspec import Raw, json
from sqlalchemy import Connection

from pennon.errors import BadInput
from pennon.origin.audit import queries
from pennon.origin.audit.schemas import Actor, AuditPage, AuditQuery, AuditView
from pennon.origin.db.rows import AnyRow
from pennon.origin.paging import cut, decode_cursor
from pennon.origin.projects.queries import require_project
from pennon.origin.schemas import moment


def list_records(connection: Connection, project: str, asked: AuditQuery) -> AuditPage:
    """Return a page of a project's records, newest first. Raises NotFound and BadInput."""
    require_project(connection, project)
    below = None
    if asked.cursor is not None:
        text = decode_cursor(asked.cursor)
        if not text.isdecimal():
            raise BadInput.at("?cursor", "expected the `next` of an earlier page")
        below = int(text)
    rows, following = cut(queries.read(connection, project, asked, below), asked, "sequence")
    return AuditPage(items=tuple(map(_view, rows)), next=following)


def _view(row: AnyRow) -> AuditView:
    return AuditView(
        sequence=row.sequence,
        at=moment(row.at),
        actor=Actor(id=row.actor, name=row.actor_name, address=row.address),
        action=row.action,
        resource=row.resource,
        environment=row.environment,
        before=Raw(row.before),
        after=Raw(row.after),
        comment=row.comment,
        instructions=Raw(row.instructions),
        summary=json.decode(row.summary, type=tuple[str, ...]),
        versions=json.decode(row.versions, type=dict[str, int]),
        previous=row.previous,
        hash=row.hash,
    )
