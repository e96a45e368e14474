"""Flags: their definition, their tags, and their targeting in each environment."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from pennon.origin.db.tables.base import environment, metadata, project, times

# `opening` is the targeting that an environment created later starts with.
flags = Table(
    "flags",
    metadata,
    project(),
    Column("key", String(256), nullable=False),
    Column("type", String(16), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("opening", LargeBinary, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("owner", String(256), nullable=False),
    Column("temporary", Boolean, nullable=False),
    Column("search", Text, nullable=False),
    *times(),
    PrimaryKeyConstraint("project", "key"),
    Index("ix_flags_created_at", "project", "created_at", "key"),
    Index("ix_flags_updated_at", "project", "updated_at", "key"),
)

flag_tags = Table(
    "flag_tags",
    metadata,
    Column("project", String(64), nullable=False),
    Column("flag", String(256), nullable=False),
    Column("tag", String(64), nullable=False),
    PrimaryKeyConstraint("project", "flag", "tag"),
    ForeignKeyConstraint(["project", "flag"], ["flags.project", "flags.key"]),
)

# `updated_at` is when the targeting has last changed, `changed_at` when it or the definition has.
targetings = Table(
    "targetings",
    metadata,
    Column("project", String(64), nullable=False),
    Column("flag", String(256), nullable=False),
    environment(),
    Column("document", LargeBinary, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment", "flag"),
    ForeignKeyConstraint(["project", "flag"], ["flags.project", "flags.key"]),
    Index("ix_targetings_flag", "project", "flag"),
    Index("ix_targetings_changed_at", "environment", "changed_at", "flag"),
)
