"""Rows as what is answered."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import asdict

from pennon.origin.db.rows import AnyRow
from pennon.origin.flags.parts import decode_definition, decode_targeting
from pennon.origin.flags.schemas import DefinitionView, FlagView, ListedDefinition, ListedFlag
from pennon.origin.schemas import moment, propagation_of, short_name


def listed_definition(row: AnyRow) -> ListedDefinition:
    """Return a row of a project's list."""
    return ListedDefinition(
        **asdict(definition_view(row)),
        last_requested_at=_last_request(row),
        stale=bool(row.is_stale),
    )


def listed_flag(row: AnyRow) -> ListedFlag:
    """Return a row of an environment's list."""
    return ListedFlag(
        **asdict(flag_view(row)),
        last_requested_at=_last_request(row),
        status=row.status,
        stale=bool(row.is_stale),
    )


def definition_view(row: AnyRow) -> DefinitionView:
    """Return a row of `flags` as a project's flag."""
    return DefinitionView(
        key=row.key,
        project=row.project,
        type=row.type,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        **asdict(decode_definition(row.document)),
    )


def flag_view(row: AnyRow) -> FlagView:
    """Return a row of `flags` joined with its `targetings` as an environment's flag."""
    return FlagView(
        key=row.key,
        project=row.project,
        environment=short_name(row.environment),
        type=row.type,
        version=row.version,
        created_at=moment(row.created_at),
        updated_at=moment(row.changed_at),
        propagation=propagation_of(row.environment, row.version),
        **asdict(decode_definition(row.document)),
        **asdict(decode_targeting(row.targeting)),
    )


def _last_request(row: AnyRow) -> datetime | None:
    return moment(row.requested_at) if row.requested_at else None
