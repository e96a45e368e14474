"""
Lists in an order that the reader chooses, cut into pages that stay right under each of them.

Rows are ordered by a time and then by their key, which tells apart those of one moment. A cursor
holds both of the last row, so that the next page starts after exactly that one, whatever was
added or removed before it meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Protocol

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, Select, literal, tuple_

from pennon.errors import BadInput
from pennon.origin.db.rows import AnyRow
from pennon.origin.paging import decode_cursor, encode_cursor

Sort = Literal["key", "-key", "createdAt", "-createdAt", "updatedAt", "-updatedAt"]
"""What a list is in order of; with a minus sign the last comes first."""

_AT: Final = "sorted_at"


class SortedQuery(Protocol):
    """The part of a list's query that sorted pages are made from."""

    @property
    def limit(self) -> int: ...

    @property
    def cursor(self) -> str | None: ...

    @property
    def sort(self) -> str: ...


class _Cursor(Struct, frozen=True, forbid_unknown_fields=True):
    """The last row of a page; `at` is the time that it is sorted by, if it is by one."""

    sort: str
    key: str
    at: Annotated[int, Meta(ge=0, lt=2**62)] | None = None


def sorted_after_cursor(
    query: Select[*tuple[Any, ...]],
    key: ColumnElement[str],
    times: Mapping[str, ColumnElement[int]],
    asked: SortedQuery,
) -> Select[*tuple[Any, ...]]:
    """
    Return *query* in the order asked for, from the cursor on, with one row more than asked for.

    *times* has a column for each name that is sorted by other than the key. Raises BadInput.
    """
    name = asked.sort.removeprefix("-")
    last = _read(asked, name in times)
    columns: list[ColumnElement[Any]] = [key]
    values: list[object] = [last.key if last else None]
    if name in times:
        query = query.add_columns(times[name].label(_AT))
        columns.insert(0, times[name])
        values.insert(0, last.at if last else None)
    descending = asked.sort.startswith("-")
    if last is not None:
        here, there = tuple_(*columns), tuple_(*map(literal, values))
        query = query.where(here < there if descending else here > there)
    order = [column.desc() for column in columns] if descending else columns
    return query.order_by(*order).limit(asked.limit + 1)


def sorted_cut(rows: Sequence[AnyRow], asked: SortedQuery) -> tuple[Sequence[AnyRow], str | None]:
    """Return the page of *rows*, and the cursor of the next where there is one."""
    if len(rows) <= asked.limit:
        return rows, None
    page = rows[: asked.limit]
    last = _Cursor(asked.sort, page[-1].key, page[-1]._mapping.get(_AT))
    return page, encode_cursor(msgspec.json.encode(last).decode())


def _read(asked: SortedQuery, by_time: bool) -> _Cursor | None:
    if asked.cursor is None:
        return None
    try:
        last = msgspec.json.decode(decode_cursor(asked.cursor), type=_Cursor)
    except msgspec.DecodeError:
        last = None
    if last is None or last.sort != asked.sort or (last.at is not None) is not by_time:
        raise BadInput.at("?cursor", "expected the `next` of an earlier page with the same `sort`")
    return last
