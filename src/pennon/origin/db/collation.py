"""Lets PostgreSQL order keys as everything else here does: by code point, in every locale."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, String, Table, Text

_BY_CODE_POINT: Final = "C"


def order_by_code_point(table: Table, connection: Connection, **_: Any) -> None:
    """
    Set the collation of a new table's `String` columns; an event listener.

    Lists and locks go in order of keys, and a cursor is compared with them. In the database's
    own locale ``a-b`` may come after ``aa``, and its order may change with the system's library.
    """
    if connection.dialect.name != "postgresql":
        return
    for column in table.columns:
        if isinstance(column.type, String) and not isinstance(column.type, Text):
            column.type.collation = _BY_CODE_POINT
