"""The contexts that were seen lately, over HTTP: for those who may change whom flags serve."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection

from pennon.origin.contexts import queries
from pennon.origin.contexts.keeping import KEPT_MS, MOST
from pennon.origin.environments.queries import require_environment
from pennon.origin.schemas import View, full_name, moment
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, NoQuery, get
from pennon.web.permissions import WRITE


class SeenContextView(View, frozen=True, kw_only=True):
    """What an edge told of a context: attributes by kind, and when it was last seen."""

    kinds: dict[str, dict[str, Any]]
    last_seen_at: datetime


class SeenContextList(View, frozen=True, kw_only=True):
    """All contexts that are kept of an environment, the newest first."""

    items: tuple[SeenContextView, ...]


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served of seen contexts."""

    async def list_contexts(call: Call[None, NoQuery]) -> SeenContextList:
        """List the contexts that were seen lately in an environment, where edges tell of them."""
        return await origin.read(
            partial(
                seen_contexts,
                project=call["project"],
                environment=call["environment"],
                now=origin.clock(),
            )
        )

    return [
        get(
            "/api/v1/projects/{project}/environments/{environment}/contexts",
            list_contexts,
            needs=WRITE,
            query=NoQuery,
            answer=SeenContextList,
        )
    ]


def seen_contexts(
    connection: Connection, project: str, environment: str, now: int
) -> SeenContextList:
    """Return the contexts that were seen lately. Raises NotFound."""
    require_environment(connection, project, environment)
    rows = queries.latest(connection, full_name(project, environment), MOST)
    return SeenContextList(
        items=tuple(
            SeenContextView(kinds=msgspec.json.decode(row.document), last_seen_at=moment(row.at))
            for row in rows
            if row.at >= now - KEPT_MS
        )
    )
