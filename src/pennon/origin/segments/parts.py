"""A segment's parts as they are stored, as what is answered, and as the wire's segment. Pure."""

from __future__ import annotations

from typing import Any, Final

from msgspec import json
from msgspec.structs import asdict

from pennon.model.segment import Segment
from pennon.origin.db.rows import AnyRow
from pennon.origin.schemas import moment, propagation_of, search_text, short_name
from pennon.origin.segments.schemas import (
    Membership,
    SegmentDefinition,
    SegmentDefinitionView,
    SegmentView,
)

encode = json.Encoder(order="deterministic").encode
decode_definition = json.Decoder(SegmentDefinition).decode
decode_membership = json.Decoder(Membership).decode

NOBODY: Final = Membership()
"""The membership that a segment starts with."""


def segment_of(key: str, salt: str, membership: Membership) -> Segment:
    """Return the segment that an environment evaluates; the changelog gives it its version."""
    return Segment(
        key=key,
        salt=salt,
        include=membership.include,
        exclude=membership.exclude,
        rules=membership.rules,
        external=membership.external,
    )


def definition_columns(key: str, definition: SegmentDefinition, now: int) -> dict[str, Any]:
    """Return the columns that hold a definition, and what is searched by."""
    return {
        "document": encode(definition),
        "archived": definition.archived,
        "search": search_text(key, definition.name, definition.description, *definition.tags),
        "updated_at": now,
    }


def definition_view(row: AnyRow) -> SegmentDefinitionView:
    """Return a row of `segments` as a project's segment."""
    return SegmentDefinitionView(
        key=row.key,
        project=row.project,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        **asdict(decode_definition(row.document)),
    )


def segment_view(row: AnyRow) -> SegmentView:
    """Return a row of `segments` joined with its `memberships` as an environment's segment."""
    return SegmentView(
        key=row.key,
        project=row.project,
        environment=short_name(row.environment),
        version=row.version,
        created_at=moment(row.created_at),
        updated_at=moment(max(row.updated_at, row.populated_at)),
        propagation=propagation_of(row.environment, row.version),
        **asdict(decode_definition(row.document)),
        **asdict(decode_membership(row.membership)),
    )
