"""What is served: projects, environments, flags and segments, and the log of their changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("lineage", sa.String(length=64), nullable=True),
        sa.CheckConstraint("id = 1", name="ck_installation_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "projects",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_projects"),
    )
    op.create_table(
        "environments",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("project", sa.String(length=64), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("approvals", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "digest",
            sa.String(length=32),
            server_default=sa.text("'00000000000000000000000000000000'"),
            nullable=False,
        ),
        sa.Column("deletions", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["projects.key"], name="fk_environments_project"),
        sa.PrimaryKeyConstraint("environment", name="pk_environments"),
    )
    op.create_index("ix_environments_project", "environments", ["project", "key"], unique=True)
    op.create_table(
        "flags",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(length=256), nullable=False),
        sa.Column("temporary", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["projects.key"], name="fk_flags_project"),
        sa.PrimaryKeyConstraint("project", "key", name="pk_flags"),
    )
    op.create_index("ix_flags_created_at", "flags", ["project", "created_at", "key"])
    op.create_index("ix_flags_updated_at", "flags", ["project", "updated_at", "key"])
    op.create_table(
        "segments",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["projects.key"], name="fk_segments_project"),
        sa.PrimaryKeyConstraint("project", "key", name="pk_segments"),
    )
    op.create_table(
        "changelog",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("committed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.environment"], name="fk_changelog_environment"
        ),
        sa.PrimaryKeyConstraint("environment", "version", name="pk_changelog"),
    )
    op.create_table(
        "history",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.environment"], name="fk_history_environment"
        ),
        sa.PrimaryKeyConstraint("environment", "version", name="pk_history"),
    )
    op.create_index(
        "ix_history_item", "history", ["environment", "kind", "key", "version"], unique=False
    )
    op.create_index("ix_history_at", "history", ["environment", "at", "version"], unique=False)
    op.create_table(
        "items",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.environment"], name="fk_items_environment"
        ),
        sa.PrimaryKeyConstraint("environment", "kind", "key", name="pk_items"),
    )
    op.create_table(
        "memberships",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("segment", sa.String(length=256), nullable=False),
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.environment"], name="fk_memberships_environment"
        ),
        sa.ForeignKeyConstraint(
            ["project", "segment"],
            ["segments.project", "segments.key"],
            name="fk_memberships_project",
        ),
        sa.PrimaryKeyConstraint("environment", "segment", name="pk_memberships"),
    )
    op.create_index("ix_memberships_segment", "memberships", ["project", "segment"], unique=False)
    op.create_table(
        "flag_tags",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("flag", sa.String(length=256), nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["project", "flag"], ["flags.project", "flags.key"], name="fk_flag_tags_project"
        ),
        sa.PrimaryKeyConstraint("project", "flag", "tag", name="pk_flag_tags"),
    )
    op.create_table(
        "targetings",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("flag", sa.String(length=256), nullable=False),
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.environment"], name="fk_targetings_environment"
        ),
        sa.ForeignKeyConstraint(
            ["project", "flag"], ["flags.project", "flags.key"], name="fk_targetings_project"
        ),
        sa.PrimaryKeyConstraint("environment", "flag", name="pk_targetings"),
    )
    op.create_index("ix_targetings_flag", "targetings", ["project", "flag"], unique=False)
    op.create_index("ix_targetings_changed_at", "targetings", ["environment", "changed_at", "flag"])
    op.create_table(
        "uses",
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("user_kind", sa.String(length=16), nullable=False),
        sa.Column("user_key", sa.String(length=256), nullable=False),
        sa.Column("used_kind", sa.String(length=16), nullable=False),
        sa.Column("used_key", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.environment"], name="fk_uses_environment"
        ),
        sa.PrimaryKeyConstraint(
            "environment", "user_kind", "user_key", "used_kind", "used_key", name="pk_uses"
        ),
    )
    op.create_index("ix_uses_used", "uses", ["environment", "used_kind", "used_key"], unique=False)
