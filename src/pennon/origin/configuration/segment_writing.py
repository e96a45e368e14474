"""Writes a segment as it shall be: its rows, its versions and its audit records."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.configuration.changes import DONE, Change
from pennon.origin.configuration.state import SegmentState
from pennon.origin.publication import publish, withdraw
from pennon.origin.schemas import full_name, short_name
from pennon.origin.segments import queries
from pennon.origin.segments.parts import definition_columns, encode
from pennon.origin.segments.words import told, told_of_definition
from pennon.origin.words import CREATED

_SALT_BYTES: Final = 8


def write_segment(
    transaction: Transaction,
    project: str,
    change: Change,
    before: SegmentState | None,
    after: SegmentState,
    author: Author,
) -> None:
    """Make a change that was found sound, as `write_flag` does."""
    if not after.salt:
        after = replace(after, salt=transaction.random(_SALT_BYTES).hex())
    resource = f"segment/{change.key}"
    retargeted = change.retargeted()
    if change.shared:
        _define(transaction, project, change.key, before, after)
        for environment in after.environments:
            if environment not in retargeted:
                _publish(transaction, full_name(project, environment), change.key, after)
        record(
            transaction,
            author,
            project,
            f"segment.{DONE[change.action]}",
            resource,
            before=None if before is None else before.definition,
            after=after.definition,
            summary=(
                told_of_definition(before.definition, after.definition) if before else CREATED
            ),
        )
    for environment in retargeted:
        name = full_name(project, environment)
        _publish(transaction, name, change.key, after)
        old = before.environments[environment] if before else after.started
        new = after.environments[environment]
        values = {"document": encode(new), "updated_at": transaction.now}
        queries.change_membership(transaction.connection, name, change.key, values)
        record(
            transaction,
            author,
            project,
            "segment.updated",
            resource,
            environment=name,
            before=old,
            after=new,
            summary=told(old, new),
        )


def _define(
    transaction: Transaction,
    project: str,
    key: str,
    before: SegmentState | None,
    after: SegmentState,
) -> None:
    connection, now = transaction.connection, transaction.now
    columns = definition_columns(key, after.definition, now)
    if before is not None:
        queries.change(connection, project, key, columns)
        return
    fixed = {"project": project, "key": key, "salt": after.salt, "created_at": now}
    queries.add(connection, {**fixed, **columns})
    for environment, membership in after.environments.items():
        queries.add_membership(
            connection,
            {
                "project": project,
                "segment": key,
                "environment": full_name(project, environment),
                "document": encode(membership),
                "version": 0,
                "updated_at": now,
            },
        )


def _publish(transaction: Transaction, environment: str, key: str, state: SegmentState) -> None:
    """Let an environment evaluate what it shall, and keep the version that this took."""
    if state.archived:
        version = withdraw(transaction, environment, "segment", key)
    else:
        membership = state.environments[short_name(environment)]
        version = publish(transaction, environment, state.segment(key, membership))
    if version is not None:
        queries.change_membership(transaction.connection, environment, key, {"version": version})
