"""The audit log's SQL, one statement a function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    insert,
    or_,
    select,
    type_coerce,
    union,
    update,
)
from sqlalchemy.types import NullType

from pennon.origin.audit.records import GENESIS, Record
from pennon.origin.audit.schemas import AuditQuery
from pennon.origin.db.rows import AnyRow
from pennon.origin.db.tables import audit, audit_heads, projects
from pennon.origin.db.text_index import searched
from pennon.origin.paging import mention

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def start_chain(connection: Connection, chain: str) -> None:
    """Begin a chain without records."""
    connection.execute(insert(audit_heads).values(chain=chain, sequence=0, hash=GENESIS))


def lock_head(connection: Connection, chain: str) -> AnyRow:
    """Lock the head of a chain and return its sequence and hash."""
    return connection.execute(
        select(audit_heads.c.sequence, audit_heads.c.hash)
        .where(audit_heads.c.chain == chain)
        .with_for_update()
    ).one()


def move_head(connection: Connection, chain: str, sequence: int, hash: str) -> None:
    """Let the head say which record is the newest."""
    connection.execute(
        update(audit_heads).where(audit_heads.c.chain == chain),
        {"sequence": sequence, "hash": hash},
    )


def append(connection: Connection, record: Record) -> None:
    """Add a record to its chain."""
    connection.execute(
        insert(audit),
        {
            "chain": record.chain,
            "sequence": record.sequence,
            "previous": record.previous,
            "at": record.at,
            "actor": record.actor,
            "actor_name": record.actor_name,
            "address": record.address,
            "action": record.action,
            "resource": record.resource,
            "environment": record.environment,
            "before": bytes(record.before),
            "after": bytes(record.after),
            "comment": record.comment,
            "instructions": bytes(record.instructions),
            "summary": bytes(record.summary),
            "versions": bytes(record.versions),
            "hash": record.hash(),
        },
    )


def read(
    connection: Connection, chain: str, asked: AuditQuery, after: int | None
) -> Sequence[AnyRow]:
    """Return records of a chain in the order asked for, one more than asked for."""
    sequence, oldest = audit.c.sequence, asked.order == "oldest"
    query = select(audit).where(audit.c.chain == chain, *_conditions(asked))
    if after is not None:
        query = query.where(sequence > after if oldest else sequence < after)
    query = query.order_by(sequence if oldest else sequence.desc()).limit(asked.limit + 1)
    return connection.execute(query).all()


def _conditions(asked: AuditQuery) -> Iterator[ColumnElement[bool]]:
    if asked.actor is not None:
        yield or_(audit.c.actor == asked.actor, audit.c.actor_name == asked.actor)
    if asked.action is not None:
        yield audit.c.action == asked.action
    if asked.resource is not None:
        yield audit.c.resource == asked.resource
    if asked.environment is not None:
        yield audit.c.environment == asked.environment
    if asked.from_ is not None:
        yield audit.c.at >= _milliseconds(asked.from_)
    if asked.until is not None:
        yield audit.c.at < _milliseconds(asked.until)
    if asked.q is not None:
        yield mention(asked.q, *searched(asked.q, audit.c.resource, audit.c.comment))


def _milliseconds(moment: datetime) -> int:
    """Return the first epoch millisecond that is not before *moment*."""
    # floor division of what is left until the epoch rounds up
    return -((_EPOCH - moment) // timedelta(milliseconds=1))


def find(connection: Connection, chain: str, sequence: int) -> AnyRow | None:
    """Return the record of a chain that bears a number."""
    return connection.execute(
        select(audit).where(audit.c.chain == chain, audit.c.sequence == sequence)
    ).one_or_none()


def all_chains(connection: Connection) -> Sequence[Any]:
    """Return the names of all chains that there are or should be: of heads, records, projects."""
    return connection.scalars(
        union(select(audit_heads.c.chain), select(audit.c.chain), select(projects.c.key))
    ).all()


def find_head(connection: Connection, chain: str) -> AnyRow | None:
    """Return the sequence and hash of a chain's head."""
    return connection.execute(
        select(audit_heads.c.sequence, audit_heads.c.hash).where(audit_heads.c.chain == chain)
    ).one_or_none()


def read_raw(
    connection: Connection, chain: str, columns: Sequence[str], after: int | None, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return *columns* of records above a number, in order, as the driver gives them."""
    query = select(*(type_coerce(audit.c[name], NullType()) for name in columns))
    query = query.where(audit.c.chain == chain)
    if after is not None:
        query = query.where(audit.c.sequence > after)
    return connection.execute(query.order_by(audit.c.sequence).limit(limit)).all()
