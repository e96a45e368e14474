"""
Who was served what, and what clients told of: one row for each.

Units are people, or whatever else flags are dealt to: kinds and keys, never attributes. As with
counts, nothing here refers to an environment's row.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from pennon.origin.db.tables.base import metadata

# The first time that a unit was served a variation of a flag at a version; `id` is a hash of just
# these. `rule` is '' for the flag's default. What is dealt changes with a version alone, so that
# the first exposures since an experiment began are those of the versions since then.
exposures = Table(
    "exposures",
    metadata,
    Column("environment", String(129), nullable=False),
    Column("id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("flag", String(256), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("variation", String(256), nullable=False),
    Column("rule", String(256), nullable=False),
    Column("unit_kind", String(256), nullable=False),
    Column("unit_key", String(512), nullable=False),
    PrimaryKeyConstraint("environment", "id"),
    Index("ix_exposures_at", "environment", "at", "id"),
    Index("ix_exposures_flag_at", "environment", "flag", "at", "id"),
    Index("ix_exposures_unit", "environment", "unit_kind", "unit_key", "at", "id"),
)

# What clients told of; `document` is the JSON of its units and properties.
custom_events = Table(
    "custom_events",
    metadata,
    Column("environment", String(129), nullable=False),
    Column("id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("name", String(128), nullable=False),
    Column("value", Float(53), nullable=True),
    Column("document", LargeBinary, nullable=False),
    PrimaryKeyConstraint("environment", "id"),
    Index("ix_custom_events_at", "environment", "at", "id"),
    Index("ix_custom_events_name_at", "environment", "name", "at", "id"),
)

# Whom each of them is of: one row for each kind.
custom_event_units = Table(
    "custom_event_units",
    metadata,
    Column("environment", String(129), nullable=False),
    Column("unit_kind", String(256), nullable=False),
    Column("unit_key", String(512), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("id", String(32), nullable=False),
    PrimaryKeyConstraint("environment", "unit_kind", "unit_key", "at", "id"),
    Index("ix_custom_event_units_at", "environment", "at", "id"),
)
