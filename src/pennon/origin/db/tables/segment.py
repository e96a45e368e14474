"""Segments: their definition, and their membership in each environment."""

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

segments = Table(
    "segments",
    metadata,
    project(),
    Column("key", String(256), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("search", Text, nullable=False),
    *times(),
    PrimaryKeyConstraint("project", "key"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("project", String(64), nullable=False),
    Column("segment", String(256), nullable=False),
    environment(),
    Column("document", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment", "segment"),
    ForeignKeyConstraint(["project", "segment"], ["segments.project", "segments.key"]),
    Index("ix_memberships_segment", "project", "segment"),
)
