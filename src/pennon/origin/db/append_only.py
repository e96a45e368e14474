"""Has the database itself refuse to alter a table that only grows."""

from __future__ import annotations

from alembic import op


def refuse_changes(table: str) -> None:
    """Make every UPDATE and DELETE of *table* (and its TRUNCATE) fail; a step of a migration."""
    if op.get_bind().dialect.name == "postgresql":
        _refuse_in_postgres(table)
    else:
        _refuse_in_sqlite(table)


def _refuse_in_postgres(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE integrity_constraint_violation USING MESSAGE = 'the table {table} is append-only'; "
        "END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
    )


def _refuse_in_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'the table {table} is append-only'); END"
        )
