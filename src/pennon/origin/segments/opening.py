"""Brings a segment into an environment: a new segment into all, all segments into a new one."""

from __future__ import annotations

from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.publication import publish
from pennon.origin.segments import queries
from pennon.origin.segments.parts import NOBODY, encode, segment_of


def open_segments(transaction: Transaction, project: str, environment: str) -> None:
    """Add every segment of *project* to a new environment."""
    for row in queries.every_segment(transaction.connection, project):
        open_segment(transaction, row, environment)


def open_segment(transaction: Transaction, row: AnyRow, environment: str) -> None:
    """Add a segment to *environment* without members; an archived one is kept unpublished."""
    version = 0
    if not row.archived:
        version = publish(transaction, environment, segment_of(row.key, row.salt, NOBODY))
    queries.add_membership(
        transaction.connection,
        {
            "project": row.project,
            "segment": row.key,
            "environment": environment,
            "document": encode(NOBODY),
            "version": version,
            "updated_at": transaction.now,
        },
    )
