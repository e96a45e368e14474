"""Rows as what is answered."""

from __future__ import annotations

from msgspec import json

from pennon.origin.db.rows import AnyRow
from pennon.origin.requests.schemas import Change, ChangeRequestSummary, Effect, Review
from pennon.origin.schemas import moment, short_name

_decode_change = json.Decoder(Change).decode
_decode_effect = json.Decoder(Effect).decode
_decode_reviews = json.Decoder(tuple[Review, ...]).decode


def summary_of(row: AnyRow, required: int) -> ChangeRequestSummary:
    """Return a row of `change_requests`; *required* approvals are what its environment wants."""
    reviews = _decode_reviews(row.reviews)
    return ChangeRequestSummary(
        id=row.id,
        project=row.environment.partition("/")[0],
        environment=short_name(row.environment),
        kind=row.kind,
        key=row.key,
        status=row.status,
        by=row.author_name,
        comment=row.comment,
        change=_decode_change(row.change),
        effect=_decode_effect(row.effect),
        reviews=reviews,
        approvals=sum(one.verdict == "approve" for one in reviews),
        required=required,
        at=None if row.due is None else moment(row.due),
        error=row.error,
        version=row.version,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )
