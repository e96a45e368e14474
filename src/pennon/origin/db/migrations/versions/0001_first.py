"""The first schema: what a flag system has from the start, and an audit log that only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from pennon.origin.db.append_only import refuse_changes
from pennon.origin.db.text_index import index_text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "audit_heads",
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name="pk_audit_heads"),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("lineage", sa.String(length=64), nullable=True),
        sa.CheckConstraint("id = 1", name="ck_installation_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=32), nullable=False),
        sa.Column("environments", sa.LargeBinary(), nullable=False),
        sa.Column("environment", sa.String(length=129), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
        sa.UniqueConstraint("hash", name="uq_keys_hash"),
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
        "audit",
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("environment", sa.String(length=129), nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("instructions", sa.LargeBinary(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("versions", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["chain"], ["audit_heads.chain"], name="fk_audit_chain"),
        sa.PrimaryKeyConstraint("chain", "sequence", name="pk_audit"),
    )
    op.create_index("ix_audit_resource", "audit", ["chain", "resource", "sequence"], unique=False)
    op.create_index("ix_audit_at", "audit", ["chain", "at"])
    op.create_index("ix_audit_actor", "audit", ["chain", "actor", "sequence"])
    op.create_index("ix_audit_actor_name", "audit", ["chain", "actor_name", "sequence"])
    index_text("audit", "resource", "comment")
    op.create_table(
        "deleted",
        sa.Column("project", sa.String(length=64), nullable=False),
        sa.Column("resource", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["projects.key"], name="fk_deleted_project"),
        sa.PrimaryKeyConstraint("project", "resource", name="pk_deleted"),
    )
    op.create_index("ix_deleted_deleted_at", "deleted", ["deleted_at"], unique=False)
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
        "change_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("change", sa.LargeBinary(), nullable=False),
        sa.Column("effect", sa.LargeBinary(), nullable=False),
        sa.Column("reviews", sa.LargeBinary(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.environment"], name="fk_change_requests_environment"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_change_requests"),
    )
    op.create_index("ix_change_requests_due", "change_requests", ["due"], unique=False)
    op.create_index(
        "ix_change_requests_environment", "change_requests", ["environment", "id"], unique=False
    )
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("environment", sa.String(length=129), nullable=False),
        sa.Column("flag", sa.String(length=256), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("if_missed", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment"], ["environments.environment"], name="fk_schedules_environment"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
    )
    op.create_index("ix_schedules_due", "schedules", ["due"], unique=False)
    op.create_index("ix_schedules_environment", "schedules", ["environment", "id"], unique=False)
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
        "users",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("grants", sa.LargeBinary(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_sessions_user"),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_tokens_user"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )
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
    op.create_table(
        "kept_answers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kept_answers"),
    )
    op.create_index("ix_kept_answers_created_at", "kept_answers", ["created_at"], unique=False)
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
    refuse_changes("audit")
