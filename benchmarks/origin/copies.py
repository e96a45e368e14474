"""
Multiplies a project by SQL: row for row what the services made of it, under other names.

Copies beside it are projects of their own. Copies within it are more flags of the same project,
whose versions and records go on where those before end. Nothing that is measured looks at what
is left as it was: the hashes of the audit log, the name inside of a document, and `$access`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Table, func, select, text, update

from pennon.origin.db.tables import (
    audit,
    audit_heads,
    changelog,
    environments,
    flag_tags,
    flags,
    history,
    items,
    projects,
    targetings,
)

_NUMBERS: Final = (
    "WITH RECURSIVE numbers(n) AS "
    + "(SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})"
)
_PROJECT: Final = "'{name}-' || n"
_ENVIRONMENT: Final = "'{name}-' || n || substr(environment, {length} + 1)"
_FLAG: Final = "{column} || '-' || n"


def copy_beside(connection: Connection, name: str, numbers: range) -> None:
    """Make projects like the project *name*: ``name-1`` for the number 1, and so on."""
    project = _PROJECT.format(name=name)
    environment = _ENVIRONMENT.format(name=name, length=len(name))
    for table, column in (
        (projects, "key"),
        (environments, "project"),
        (audit_heads, "chain"),
        (flags, "project"),
        (flag_tags, "project"),
        (targetings, "project"),
        (items, "environment"),
        (changelog, "environment"),
        (history, "environment"),
        (audit, "chain"),
    ):
        changed = {"project": project, "chain": project, "environment": environment}
        if table is projects:
            changed["key"] = project
        whose = f"{column} = '{name}' OR {column} LIKE '{name}/%'"
        _copy(connection, table, numbers, changed, whose)


def copy_within(connection: Connection, name: str, count: int) -> None:
    """Give the project *name* its flags *count* times more, each with its versions and records."""
    names: Sequence[str] = connection.scalars(
        select(environments.c.environment).where(environments.c.project == name)
    ).all()
    numbers = range(1, count + 1)
    records = _move_head(connection, name, count)
    number = {"sequence": f"sequence + n * {records}", "record": f"record + n * {records}"}
    for table in (flags, flag_tags):
        key = "key" if table is flags else "flag"
        _copy(connection, table, numbers, {key: _FLAG.format(column=key)}, f"project = '{name}'")
    for environment in names:
        version = _move_version(connection, environment, count)
        for table in (targetings, items, changelog, history):
            key = "flag" if table is targetings else "key"
            changed = {
                key: _FLAG.format(column=key),
                "version": f"version + n * {version}",
                "record": number["record"],
            }
            _copy(connection, table, numbers, changed, f"environment = '{environment}'")
    changed = {"sequence": number["sequence"], "resource": _FLAG.format(column="resource")}
    _copy(connection, audit, numbers, changed, f"chain = '{name}'")


def _copy(
    connection: Connection, table: Table, numbers: range, changed: Mapping[str, str], whose: str
) -> None:
    """Insert a copy for each number of the rows *whose*; *changed* has the SQL of what differs."""
    names = [column.name for column in table.columns]
    taken = ", ".join(changed.get(name, f'"{name}"') for name in names)
    counted = _NUMBERS.format(first=numbers[0], last=numbers[-1])
    into = ", ".join(f'"{name}"' for name in names)
    # Nothing of it comes from outside of this file.
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({into}) {counted} "
            f"SELECT {taken} FROM {table.name}, numbers WHERE {whose}"
        )
    )


def _move_head(connection: Connection, chain: str, count: int) -> int:
    head = audit_heads.c.sequence
    records = int(connection.scalar(select(head).where(audit_heads.c.chain == chain)) or 0)
    moved = update(audit_heads).where(audit_heads.c.chain == chain)
    connection.execute(moved.values(sequence=head * (count + 1)))
    return records


def _move_version(connection: Connection, environment: str, count: int) -> int:
    """Move an environment on by *count* times as many versions as it has, and return these."""
    of = history.c.environment == environment
    versions = int(connection.scalar(select(func.max(history.c.version)).where(of)) or 0)
    moved = update(environments).where(environments.c.environment == environment)
    connection.execute(moved.values(version=environments.c.version * (count + 1)))
    return versions
