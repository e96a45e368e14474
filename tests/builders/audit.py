"""Chains of audit records to be tampered with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Raw
from msgspec.structs import replace
from sqlalchemy import Connection, text

from pennon.origin.audit import queries
from pennon.origin.audit.links import Head, Link
from pennon.origin.audit.records import GENESIS, Record
from pennon.origin.audit.verification import Verdict, verify_chain
from pennon.origin.db import migrate
from pennon.origin.db.engine import writing_engine
from tests.builders.origin import NOON


def a_record(sequence: int = 1, previous: str = GENESIS, **fields: Any) -> Record:
    """Return the record of a change to a flag."""
    return Record(
        **{
            "chain": "shop",
            "sequence": sequence,
            "previous": previous,
            "at": NOON + sequence,
            "actor": "ada",
            "actor_name": "Ada",
            "address": "127.0.0.1",
            "action": "flag.updated",
            "resource": "flag/checkout",
            "environment": "shop/production",
            "before": Raw(b"null"),
            "after": Raw(b'{"n":%d}' % sequence),
            "comment": "why",
            "instructions": Raw(b"null"),
            "summary": Raw(b"[]"),
            "versions": Raw(b'{"shop/production":%d}' % sequence),
            **fields,
        }
    )


def a_link(record: Record, stored: str | None = None) -> Link:
    """Return *record* with its own hash, or with another one stored."""
    return Link(record, record.hash() if stored is None else stored, record.hash())


def a_chain(length: int, **fields: Any) -> list[Link]:
    """Return *length* records, each bound to the one before."""
    links: list[Link] = []
    for sequence in range(1, length + 1):
        previous = links[-1].stored if links else GENESIS
        links.append(a_link(a_record(sequence, previous, **fields)))
    return links


def altered(link: Link, **fields: Any) -> Link:
    """Return *link* with other contents under the hash that it had."""
    return a_link(replace(link.record, **fields), link.stored)


def forged(link: Link, **fields: Any) -> Link:
    """Return *link* with other contents and their hash."""
    return a_link(replace(link.record, **fields))


def numbered(link: Link, sequence: int) -> Link:
    """Return *link* moved to another number, as an UPDATE of its row would do."""
    return altered(link, sequence=sequence)


def head_of(links: list[Link]) -> Head:
    """Return the head of a chain that ends with *links*."""
    if not links:
        return Head.before_first("shop")
    last = links[-1]
    return Head(chain="shop", sequence=last.sequence, hash=last.stored)


def verified(links: Iterable[Link], head: Head | None, *checkpoints: Any) -> Verdict:
    """Return the verdict on the chain `shop`."""
    return verify_chain("shop", head, links, checkpoints)


def without_guards(connection: Connection) -> None:
    """Take away what keeps the audit log from being altered, as someone with the database can."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        return
    for verb in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER audit_refuses_{verb}"))


def a_log(path: Path, chain: list[Link]) -> None:
    """Make an SQLite database at *path* that holds *chain*."""
    migrate(f"sqlite:///{path}")
    engine = writing_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            queries.start_chain(connection, "shop")
            for link in chain:
                queries.append(connection, link.record)
            queries.move_head(connection, "shop", len(chain), head_of(chain).hash)
    finally:
        engine.dispose()


def tamper(path: Path, statement: str) -> None:
    """Run raw SQL on an SQLite database, past its guards, which stand there again afterwards."""
    with closing(sqlite3.connect(path)) as connection, connection:
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, guard in guards:
            connection.execute(guard)
