"""Who was served what, and what clients told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "exposures",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("flag", sa.String(length=256), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("variation", sa.String(length=256), nullable=False),
        sa.Column("rule", sa.String(length=256), nullable=False),
        sa.Column("unit_kind", sa.String(length=256), nullable=False),
        sa.Column("unit_key", sa.String(length=512), nullable=False),
        sa.PrimaryKeyConstraint("environment", "id", name="pk_exposures"),
    )
    op.create_index("ix_exposures_at", "exposures", ["environment", "at", "id"], unique=False)
    op.create_index(
        "ix_exposures_flag_at", "exposures", ["environment", "flag", "at", "id"], unique=False
    )
    op.create_index(
        "ix_exposures_unit",
        "exposures",
        ["environment", "unit_kind", "unit_key", "at", "id"],
        unique=False,
    )
    op.create_table(
        "custom_events",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("value", sa.Float(precision=53), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "id", name="pk_custom_events"),
    )
    op.create_index(
        "ix_custom_events_at", "custom_events", ["environment", "at", "id"], unique=False
    )
    op.create_index(
        "ix_custom_events_name_at",
        "custom_events",
        ["environment", "name", "at", "id"],
        unique=False,
    )
    op.create_table(
        "custom_event_units",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("unit_kind", sa.String(length=256), nullable=False),
        sa.Column("unit_key", sa.String(length=512), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "environment", "unit_kind", "unit_key", "at", "id", name="pk_custom_event_units"
        ),
    )
    op.create_index(
        "ix_custom_event_units_at",
        "custom_event_units",
        ["environment", "at", "id"],
        unique=False,
    )
