"""Has the database itself refuse to alter a table that only grows, and says if it still does."""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op
from sqlalchemy import Connection, text

from pennon.origin.db.rows import AnyRow

_VERBS = ("UPDATE", "DELETE")
# https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_trigger.h
_BEFORE_ANY_CHANGE = 2 | 8 | 16 | 32


def refuse_changes(table: str) -> None:
    """Make every UPDATE and DELETE of *table* (and its TRUNCATE) fail; a step of a migration."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {_function(table)}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $${_body(table)}$$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_refuses_changes "
            f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {_function(table)}()"
        )
    else:
        for verb in _VERBS:
            op.execute(_sqlite_trigger(table, verb))


def missing_guards(connection: Connection, table: str) -> tuple[str, ...]:
    """Return a sentence for each change of *table* that the database would let somebody make."""
    if connection.dialect.name == "postgresql":
        return tuple(_missing_in_postgres(connection, table))
    return tuple(_missing_in_sqlite(connection, table))


def _missing_in_postgres(connection: Connection, table: str) -> Iterator[str]:
    name = f"{table}_refuses_changes"
    row: AnyRow | None = connection.execute(
        text(
            "SELECT t.tgenabled = ANY ('{O,A}') AS enabled, t.tgtype AS type, "
            "t.tgqual IS NULL AND t.tgattr = '' AS always, p.prosrc AS body "
            "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE t.tgrelid = to_regclass(:table) AND t.tgname = :name"
        ),
        {"table": table, "name": name},
    ).one_or_none()
    if row is None:
        yield f"The trigger {name} of the table {table} is missing."
    elif not row.enabled:
        yield f"The trigger {name} of the table {table} is disabled."
    elif row.type != _BEFORE_ANY_CHANGE or not row.always or row.body != _body(table):
        yield f"The trigger {name} of the table {table} is not the one that Pennon made."


def _missing_in_sqlite(connection: Connection, table: str) -> Iterator[str]:
    found = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
        {"table": table},
    )
    made = {row.name: row.sql for row in found}
    for verb in _VERBS:
        name = _sqlite_name(table, verb)
        if name not in made:
            yield f"The trigger {name} of the table {table} is missing."
        elif made[name] != _sqlite_trigger(table, verb):
            yield f"The trigger {name} of the table {table} is not the one that Pennon made."


def _function(table: str) -> str:
    return f"{table}_is_append_only"


def _body(table: str) -> str:
    return (
        " BEGIN RAISE integrity_constraint_violation "
        f"USING MESSAGE = 'the table {table} is append-only'; END "
    )


def _sqlite_name(table: str, verb: str) -> str:
    return f"{table}_refuses_{verb.lower()}"


def _sqlite_trigger(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER {_sqlite_name(table, verb)} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END"
    )
