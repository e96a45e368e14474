"""Writes a flag as it shall be: its rows, its versions and its audit records."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from pennon.model.flag import FlagType
from pennon.model.strict import Serve
from pennon.origin.audit.log import record
from pennon.origin.authors import Author
from pennon.origin.changelog import Transaction
from pennon.origin.configuration.changes import DONE, Change
from pennon.origin.configuration.state import FlagState
from pennon.origin.flags import queries
from pennon.origin.flags.definition_words import told_of_definition
from pennon.origin.flags.parts import definition_columns, targeting_columns
from pennon.origin.flags.schemas import Definition
from pennon.origin.flags.words import told
from pennon.origin.publication import publish, withdraw
from pennon.origin.schemas import full_name, short_name
from pennon.origin.words import CREATED

_SALT_BYTES: Final = 8


class DefinedFlag(Definition, frozen=True, kw_only=True):
    """What the audit log holds of a flag in its project, with what it starts with."""

    type: FlagType
    off: str | None
    default: Serve


def write_flag(
    transaction: Transaction,
    project: str,
    change: Change,
    before: FlagState | None,
    after: FlagState,
    author: Author,
) -> None:
    """
    Make a change that was found sound, with one version at most in each environment.

    What changes in the project and what changes in an environment are records of their own, as
    they are where they are changed one by one.
    """
    if not after.salt:
        after = replace(after, salt=transaction.random(_SALT_BYTES).hex())
    now, resource = transaction.now, f"flag/{change.key}"
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
            f"flag.{DONE[change.action]}",
            resource,
            before=None if before is None else _defined(before),
            after=_defined(after),
            summary=(
                told_of_definition(before.definition, after.definition) if before else CREATED
            ),
        )
    for environment in retargeted:
        name = full_name(project, environment)
        _publish(transaction, name, change.key, after)
        old = before.environments[environment] if before else after.started
        new = after.environments[environment]
        values = {**targeting_columns(new), "updated_at": now, "changed_at": now}
        queries.change_targeting(transaction.connection, name, change.key, values)
        record(
            transaction,
            author,
            project,
            "flag.updated",
            resource,
            environment=name,
            before=old,
            after=new,
            summary=told(old, new),
        )


def _define(
    transaction: Transaction, project: str, key: str, before: FlagState | None, after: FlagState
) -> None:
    connection, now = transaction.connection, transaction.now
    columns = definition_columns(key, after.definition, after.started, now)
    if before is not None:
        queries.change(connection, project, key, columns)
        queries.touch(connection, project, key, now)
    else:
        fixed = {"project": project, "key": key, "type": after.type, "salt": after.salt}
        queries.add(connection, {**fixed, **columns, "created_at": now})
        for environment, targeting in after.environments.items():
            queries.add_targeting(
                connection,
                {
                    "project": project,
                    "flag": key,
                    "environment": full_name(project, environment),
                    **targeting_columns(targeting),
                    "version": 0,
                    "updated_at": now,
                    "changed_at": now,
                },
            )
    queries.tag(connection, project, key, after.tags)


def _publish(transaction: Transaction, environment: str, key: str, state: FlagState) -> None:
    """Let an environment evaluate what it shall, and keep the version that this took."""
    if state.archived:
        version = withdraw(transaction, environment, "flag", key)
    else:
        targeting = state.environments[short_name(environment)]
        version = publish(transaction, environment, state.flag(key, targeting))
    if version is not None:
        queries.change_targeting(transaction.connection, environment, key, {"version": version})


def _defined(state: FlagState) -> DefinedFlag:
    names = DefinedFlag.__struct_fields__
    return DefinedFlag(**{name: getattr(state, name) for name in names})
