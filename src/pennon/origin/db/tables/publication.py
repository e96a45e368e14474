"""What is published, the log that followers read, and all that ever was published."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, PrimaryKeyConstraint, String, Table

from pennon.origin.db.tables.base import environment, metadata

# What is published: exactly what every follower of the environment holds.
items = Table(
    "items",
    metadata,
    environment(),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("environment", "kind", "key"),
)

changelog = Table(
    "changelog",
    metadata,
    environment(),
    Column("version", BigInteger, nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("committed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment", "version"),
)

# Every version of every flag and segment, for ever: `data` is what was published, NULL where it
# was withdrawn, and `record` the number of the audit record that tells of it.
history = Table(
    "history",
    metadata,
    environment(),
    Column("version", BigInteger, nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("data", LargeBinary),
    Column("at", BigInteger, nullable=False),
    Column("record", BigInteger),
    PrimaryKeyConstraint("environment", "version"),
    Index("ix_history_item", "environment", "kind", "key", "version"),
    Index("ix_history_at", "environment", "at", "version"),
)

# Which published item needs which: a flag its prerequisites and segments, a segment segments.
uses = Table(
    "uses",
    metadata,
    environment(),
    Column("user_kind", String(16), nullable=False),
    Column("user_key", String(256), nullable=False),
    Column("used_kind", String(16), nullable=False),
    Column("used_key", String(256), nullable=False),
    PrimaryKeyConstraint("environment", "user_kind", "user_key", "used_kind", "used_key"),
    Index("ix_uses_used", "environment", "used_kind", "used_key"),
)
