"""Changes that are not made yet, what was deleted, and answers that are kept."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from pennon.origin.db.tables.base import environment, metadata, project, times

# `person` is who proposed it, whatever they came with; `change`, `effect` and `reviews` are JSON.
# `due` is when it is applied by itself, NULL where somebody does that.
change_requests = Table(
    "change_requests",
    metadata,
    Column("id", String(32), primary_key=True),
    environment(),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("status", String(16), nullable=False),
    Column("person", String(64), nullable=False),
    Column("author", String(64), nullable=False),
    Column("author_name", Text, nullable=False),
    Column("comment", Text),
    Column("change", LargeBinary, nullable=False),
    Column("effect", LargeBinary, nullable=False),
    Column("reviews", LargeBinary, nullable=False),
    Column("due", BigInteger, index=True),
    Column("error", Text),
    Column("version", BigInteger),
    *times(),
    Index("ix_change_requests_environment", "environment", "id"),
)

# `done` steps are over and the next is `due`, NULL when there is none; `steps` is JSON.
schedules = Table(
    "schedules",
    metadata,
    Column("id", String(32), primary_key=True),
    environment(),
    Column("flag", String(256), nullable=False),
    Column("status", String(16), nullable=False),
    Column("steps", LargeBinary, nullable=False),
    Column("done", Integer, nullable=False),
    Column("due", BigInteger, index=True),
    Column("if_missed", String(16), nullable=False),
    Column("author", String(64), nullable=False),
    Column("author_name", Text, nullable=False),
    Column("comment", Text),
    Column("error", Text),
    *times(),
    Index("ix_schedules_environment", "environment", "id"),
)

# What was deleted and is not purged yet: `document` holds its rows, `resource` says what it is
# (``flag/checkout``).
deleted = Table(
    "deleted",
    metadata,
    project(),
    Column("resource", String(300), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("name", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("deleted_at", BigInteger, nullable=False, index=True),
    PrimaryKeyConstraint("project", "resource"),
)

# What was answered to a creation that may be asked for again; no `body` where it held a secret.
kept_answers = Table(
    "kept_answers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("location", Text, nullable=False),
    Column("body", LargeBinary),
    Column("created_at", BigInteger, nullable=False, index=True),
)
