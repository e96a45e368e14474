"""
Finds texts that have a word somewhere in them, where the database can do so without reading all.

PostgreSQL can by the three-letter pieces of every text, with the extension `pg_trgm`, which comes
with it and which the owner of a database may add. Where it is missing, and on SQLite, a search
reads along the table: the answers are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import structlog
from alembic import op
from sqlalchemy import ColumnElement
from sqlalchemy.exc import DBAPIError

_PIECE: Final = re.compile(r"[^\W_]{3}")

log = structlog.get_logger(__name__)


def index_text(table: str, *columns: str) -> None:
    """Index the lower-case texts of *columns*, where that can be; a step of a migration."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    texts = ", ".join(f"lower({column}) gin_trgm_ops" for column in columns)
    try:
        with connection.begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            # What is not yet sorted in is kept short: whoever fills it up has to sort it in.
            op.execute(
                f"CREATE INDEX ix_{table}_text ON {table} USING gin ({texts}) "
                "WITH (gin_pending_list_limit = 256)"
            )
    except DBAPIError as error:
        log.warning("no_text_index", table=table, reason=str(error.orig))


def searched(text: str, *columns: ColumnElement[Any]) -> Iterator[ColumnElement[Any]]:
    """
    Return *columns* as a search for *text* looks at them.

    A text without three letters in a row has no piece to look up. The index would be read as a
    whole for it, and then the table, of all projects; so it is made to look like something else.
    """
    for column in columns:
        yield column if _PIECE.search(text) else column + ""
