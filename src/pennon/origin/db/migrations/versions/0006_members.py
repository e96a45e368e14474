"""Members of external segments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "member_lists",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("segment", sa.String(length=256), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("included", sa.BigInteger(), nullable=False),
        sa.Column("excluded", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_member_lists"),
    )
    op.create_index(
        "ix_member_lists_segment",
        "member_lists",
        ["environment", "segment", "state"],
        unique=False,
    )
    op.create_index("ix_member_lists_state", "member_lists", ["state", "touched_at"], unique=False)
    op.create_table(
        "members",
        sa.Column("list", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=1024), nullable=False),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("list", "key", name="pk_members"),
        sqlite_with_rowid=False,
    )
