"""Reads all that there is of a project."""

from __future__ import annotations

from collections import defaultdict

from msgspec.structs import asdict
from sqlalchemy import Connection

from pennon.origin.configuration.lean import lean
from pennon.origin.configuration.state import FlagState, SegmentState, State
from pennon.origin.db.rows import AnyRow
from pennon.origin.deletion.queries import every_key
from pennon.origin.environments import queries as environment_queries
from pennon.origin.environments.schemas import Approvals, EnvironmentDefinition
from pennon.origin.flags import parts as flag_parts
from pennon.origin.flags import queries as flag_queries
from pennon.origin.members.queries import populated
from pennon.origin.projects import queries as project_queries
from pennon.origin.projects.schemas import ProjectDefinition
from pennon.origin.schemas import short_name
from pennon.origin.segments import parts as segment_parts
from pennon.origin.segments import queries as segment_queries


def read_state(connection: Connection, project: str) -> State:
    """Return a project with all that it holds, at one moment; without one, nothing."""
    row = project_queries.find(connection, project)
    if row is None:
        return State(None, {}, {}, {})
    return State(
        project=ProjectDefinition(
            name=row.name, description=row.description, archived=row.archived
        ),
        environments={
            row.key: _environment(row)
            for row in environment_queries.every_environment(connection, project)
        },
        segments=_segments(connection, project),
        flags=_flags(connection, project),
        deleted=frozenset(every_key(connection, project)),
        populated=frozenset(
            (short_name(row.environment), row.segment) for row in populated(connection, project)
        ),
    )


def _environment(row: AnyRow) -> EnvironmentDefinition:
    return EnvironmentDefinition(
        name=row.name,
        description=row.description,
        archived=row.archived,
        approvals=Approvals(required=row.approvals),
    )


def _segments(connection: Connection, project: str) -> dict[str, SegmentState]:
    parts: dict[str, dict[str, bytes]] = defaultdict(dict)
    for row in segment_queries.every_membership(connection, project):
        parts[row.segment][short_name(row.environment)] = row.document
    return {
        row.key: SegmentState(
            **asdict(lean(segment_parts.decode_definition(row.document))),
            salt=row.salt,
            environments={
                environment: lean(segment_parts.decode_membership(document))
                for environment, document in sorted(parts[row.key].items())
            },
        )
        for row in segment_queries.every_segment(connection, project)
    }


def _flags(connection: Connection, project: str) -> dict[str, FlagState]:
    parts: dict[str, dict[str, bytes]] = defaultdict(dict)
    for row in flag_queries.every_targeting(connection, project):
        parts[row.flag][short_name(row.environment)] = row.document
    return {
        row.key: _flag(row, parts[row.key]) for row in flag_queries.every_flag(connection, project)
    }


def _flag(row: AnyRow, parts: dict[str, bytes]) -> FlagState:
    opening = lean(flag_parts.decode_targeting(row.opening))
    return FlagState(
        **asdict(lean(flag_parts.decode_definition(row.document))),
        type=row.type,
        salt=row.salt,
        off=opening.off,
        default=opening.default,
        environments={
            environment: lean(flag_parts.decode_targeting(document))
            for environment, document in sorted(parts.items())
        },
    )
