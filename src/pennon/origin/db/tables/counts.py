"""
What edges have counted, and told of whom they evaluated for.

These tables have no foreign keys on purpose: writing one would lock the environment's row against
the changes that lock it to take a version.
"""

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
)

from pennon.origin.db.tables.base import metadata

# Batches that were taken, so that none counts twice; `at` is when.
event_batches = Table(
    "event_batches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
)

# How often a flag served a variation ('': no value) for a reason in the `resolution` seconds that
# began `at`. Each evaluation is in one row of each resolution.
evaluations = Table(
    "evaluations",
    metadata,
    Column("environment", String(129), nullable=False),
    Column("flag", String(256), nullable=False),
    Column("resolution", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("variation", String(256), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("total", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment", "flag", "resolution", "at", "variation", "reason"),
    Index("ix_evaluations_at", "resolution", "at"),
)

# When each flag was last asked for.
flag_requests = Table(
    "flag_requests",
    metadata,
    Column("environment", String(129), nullable=False),
    Column("flag", String(256), nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment", "flag"),
)

# The contexts that were seen last, where edges may tell; `identity` is a hash of their keys.
seen_contexts = Table(
    "seen_contexts",
    metadata,
    Column("environment", String(129), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("document", LargeBinary, nullable=False),
    PrimaryKeyConstraint("environment", "identity"),
    Index("ix_seen_contexts_at", "environment", "at"),
)
