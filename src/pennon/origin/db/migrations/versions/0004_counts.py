"""What was evaluated, how often, and for whom lately."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "event_batches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_batches"),
    )
    op.create_index("ix_event_batches_at", "event_batches", ["at"], unique=False)
    op.create_table(
        "evaluations",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("flag", sa.String(length=256), nullable=False),
        sa.Column("resolution", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("variation", sa.String(length=256), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "environment",
            "flag",
            "resolution",
            "at",
            "variation",
            "reason",
            name="pk_evaluations",
        ),
    )
    op.create_index("ix_evaluations_at", "evaluations", ["resolution", "at"], unique=False)
    op.create_table(
        "flag_requests",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("flag", sa.String(length=256), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "flag", name="pk_flag_requests"),
    )
    op.create_table(
        "seen_contexts",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "identity", name="pk_seen_contexts"),
    )
    op.create_index("ix_seen_contexts_at", "seen_contexts", ["environment", "at"], unique=False)
