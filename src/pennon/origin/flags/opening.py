"""Brings a flag into an environment: a new flag into all, all flags into a new one."""

from __future__ import annotations

from pennon.origin.changelog import Transaction
from pennon.origin.db.rows import AnyRow
from pennon.origin.flags import queries
from pennon.origin.flags.parts import (
    decode_definition,
    decode_targeting,
    flag_of,
    targeting_columns,
)
from pennon.origin.publication import publish


def open_flags(transaction: Transaction, project: str, environment: str) -> None:
    """Add every flag of *project* to a new environment."""
    for row in queries.every_flag(transaction.connection, project):
        open_flag(transaction, row, environment)


def open_flag(transaction: Transaction, row: AnyRow, environment: str) -> None:
    """Add a flag to *environment* as it starts; an archived one is kept unpublished."""
    version = 0
    opening = decode_targeting(row.opening)
    if not row.archived:
        definition = decode_definition(row.document)
        flag = flag_of(row.key, row.type, row.salt, definition, opening)
        version = publish(transaction, environment, flag)
    queries.add_targeting(
        transaction.connection,
        {
            "project": row.project,
            "flag": row.key,
            "environment": environment,
            **targeting_columns(opening),
            "version": version,
            "updated_at": transaction.now,
            "changed_at": transaction.now,
        },
    )
