"""Pages: a list is read in order of a key, and a cursor says after which one to go on."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Select, func, or_

from pennon.errors import BadInput
from pennon.origin.db.rows import AnyRow

# Of 63 bits, the most that a database holds.
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


class Asked(Protocol):
    """The part of a list's query that pages are made from."""

    @property
    def limit(self) -> int: ...

    @property
    def cursor(self) -> str | None: ...


def after_cursor(
    query: Select[*tuple[Any, ...]], column: ColumnElement[Any], asked: Asked
) -> Select[*tuple[Any, ...]]:
    """Return *query* in order of *column*, from the cursor on, with one row more than asked for."""
    if asked.cursor is not None:
        query = query.where(column > decode_cursor(asked.cursor))
    return query.order_by(column).limit(asked.limit + 1)


def mention(text: str, *columns: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that any of *columns* has *text* in it, in whatever case."""
    text = text.lower()
    return or_(*(func.lower(column).contains(text, autoescape=True) for column in columns))


def within(scope: Iterable[str], column: ColumnElement[Any]) -> ColumnElement[bool]:
    """
    Return the condition that the environment in *column* is one of *scope*.

    A project in *scope* covers its environments. No name has a character that LIKE would read.
    """
    names = sorted(scope)
    projects = [column.like(f"{name}/%") for name in names if "/" not in name]
    return or_(column.in_(names), *projects)


def cut(rows: Sequence[AnyRow], asked: Asked, key: str) -> tuple[Sequence[AnyRow], str | None]:
    """Return the page of *rows*, and the cursor of the next where there is one."""
    if len(rows) <= asked.limit:
        return rows, None
    page = rows[: asked.limit]
    return page, encode_cursor(str(getattr(page[-1], key)))


def encode_cursor(text: str) -> str:
    """Return *text* as an opaque cursor."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """Return the text that a cursor stands for. Raises BadInput."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return urlsafe_b64decode(padded.encode("ascii")).decode()
    except ValueError:
        raise _not_ours() from None


def decode_number(cursor: str) -> int:
    """Return the number that the cursor of a numbered list stands for. Raises BadInput."""
    text = decode_cursor(cursor)
    if not _NUMBER.fullmatch(text):
        raise _not_ours()
    return int(text)


def _not_ours() -> BadInput:
    return BadInput.at("?cursor", "expected the `next` of an earlier page")
