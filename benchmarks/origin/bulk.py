"""Adds rows by the hundred thousand, as fast as the database takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.util import await_only


def add_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add *rows*, each by all the columns of *table*."""
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), list(rows))
        return
    # The driver's own COPY: five times as fast as INSERT.
    driver: Any = connection.connection.driver_connection
    names = [column.name for column in table.columns]
    records = [tuple(row[name] for name in names) for row in rows]
    await_only(driver.copy_records_to_table(table.name, records=records, columns=names))
