"""The installation, its projects and their environments."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from pennon.origin.db.tables.base import ZERO_DIGEST, metadata, times

# `lineage` is the server's own name of the history that the epoch is of, where it has one.
installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", String(32), nullable=False),
    Column("lineage", String(64)),
    CheckConstraint("id = 1", name="one_row"),
)

projects = Table(
    "projects",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("archived", Boolean, nullable=False),
    *times(),
)

# Also the head of each environment's changelog. `deletions` counts them within the epoch.
# `archived` is said of the environment alone; whether its project is stands in `projects`.
environments = Table(
    "environments",
    metadata,
    Column("environment", String(129), primary_key=True),
    Column("project", String(64), ForeignKey("projects.key")),
    Column("key", String(64)),
    Column("name", Text, nullable=False, server_default=text("''")),
    Column("description", Text, nullable=False, server_default=text("''")),
    Column("archived", Boolean, nullable=False, server_default=false()),
    Column("approvals", Integer, nullable=False, server_default=text("0")),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("digest", String(32), nullable=False, server_default=text(f"'{ZERO_DIGEST}'")),
    Column("deletions", BigInteger, nullable=False, server_default=text("0")),
    *times(),
    Index("ix_environments_project", "project", "key", unique=True),
)
