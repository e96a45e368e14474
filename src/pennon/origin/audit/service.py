"""Reads the audit log: pages of a chain, one record, and the whole for whoever keeps it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final, Protocol, TypeVar

from msgspec import Raw, json
from sqlalchemy import Connection

from pennon.errors import Conflict, NotFound
from pennon.origin.audit import queries
from pennon.origin.audit.lines import head_line, record_line
from pennon.origin.audit.links import Head, Link, Unreadable
from pennon.origin.audit.schemas import Actor, AuditPage, AuditQuery, AuditView
from pennon.origin.audit.stored import BATCH, find_head, read_batch
from pennon.origin.db.rows import AnyRow
from pennon.origin.paging import cut, decode_number
from pennon.origin.schemas import moment

T = TypeVar("T")

_LARGEST: Final = 2**63 - 1


class Read(Protocol):
    """Runs a unit of work in a read transaction, as `Origin.read` and `Database.read` do."""

    async def __call__(self, work: Callable[[Connection], T], /) -> T: ...


def list_records(connection: Connection, chain: str, asked: AuditQuery) -> AuditPage:
    """Return a page of a chain's records. Raises BadInput."""
    after = None if asked.cursor is None else decode_number(asked.cursor)
    rows, following = cut(queries.read(connection, chain, asked, after), asked, "sequence")
    return AuditPage(items=tuple(map(_view, rows)), next=following)


def find_record(connection: Connection, chain: str, sequence: str) -> AuditView:
    """Return the record of a chain that bears a number. Raises NotFound."""
    number = _number(sequence)
    row = None if number is None else queries.find(connection, chain, number)
    if row is None:
        raise NotFound("audit record", sequence)
    return _view(row)


async def export_chain(read: Read, chain: str) -> AsyncIterator[bytes]:
    """
    Return the lines of a chain as it is now, many at a time; see `pennon.origin.audit.lines`.

    Each batch has a transaction of its own: a slow reader holds up nobody, and what is added
    meanwhile is left out. Raises Conflict for a log that cannot be read, at any time.
    """
    head = await read(partial(find_head, chain=chain))
    if head is None:
        raise _unreadable(chain, "its head is missing")
    return _export(read, head)


async def _export(read: Read, head: Head) -> AsyncIterator[bytes]:
    yield head_line(head)
    after: int | None = None
    while after is None or after < head.sequence:
        links = await read(partial(read_batch, chain=head.chain, after=after, limit=BATCH))
        lines = b"".join(_lines(links, head))
        if not lines:
            return
        yield lines
        after = links[-1].sequence


def _lines(links: list[Link | Unreadable], head: Head) -> list[bytes]:
    lines = []
    for link in links:
        if isinstance(link, Unreadable):
            raise _unreadable(head.chain, link.why)
        if link.sequence <= head.sequence:
            lines.append(record_line(link))
    return lines


def _unreadable(chain: str, why: str) -> Conflict:
    return Conflict(f"The audit log of {chain!r} cannot be read: {why}. Run `pennon audit verify`.")


def _number(text: str) -> int | None:
    """Return the number of a record, or None for what no record can bear."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST))):
        return None
    return min(int(text), _LARGEST)


def _view(row: AnyRow) -> AuditView:
    return AuditView(
        sequence=row.sequence,
        at=moment(row.at),
        actor=Actor(id=row.actor, name=row.actor_name, address=row.address),
        action=row.action,
        resource=row.resource,
        environment=row.environment,
        before=Raw(row.before),
        after=Raw(row.after),
        comment=row.comment,
        instructions=Raw(row.instructions),
        summary=json.decode(row.summary, type=tuple[str, ...]),
        versions=json.decode(row.versions, type=dict[str, int]),
        previous=row.previous,
        hash=row.hash,
    )
