"""The audit log, and the head of each of its chains."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from pennon.origin.db.tables.base import metadata

audit = Table(
    "audit",
    metadata,
    Column("chain", String(64), ForeignKey("audit_heads.chain"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("resource", Text, nullable=False),
    Column("environment", String(129)),
    Column("before", LargeBinary, nullable=False),
    Column("after", LargeBinary, nullable=False),
    Column("comment", Text),
    Column("instructions", LargeBinary, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Column("versions", LargeBinary, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("chain", "sequence"),
    Index("ix_audit_resource", "chain", "resource", "sequence"),
    Index("ix_audit_at", "chain", "at"),
    Index("ix_audit_actor", "chain", "actor", "sequence"),
    Index("ix_audit_actor_name", "chain", "actor_name", "sequence"),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
