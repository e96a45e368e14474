"""
The tables, in portable SQLAlchemy Core.

Times are epoch milliseconds. A `document` is the JSON of one editable object, as bytes: it is
read and written whole, and what is searched or joined has a column of its own. An `environment`
is always the full name (``shop/production``).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

ZERO_DIGEST = "0" * 32


def _project() -> Column[str]:
    return Column("project", String(64), ForeignKey("projects.key"), nullable=False)


def _environment() -> Column[str]:
    return Column(
        "environment", String(129), ForeignKey("environments.environment"), nullable=False
    )


def _times() -> tuple[Column[int], Column[int]]:
    return (
        Column("created_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
    )


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
    *_times(),
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
    *_times(),
    Index("ix_environments_project", "project", "key", unique=True),
)

# What is published: exactly what every follower of the environment holds.
items = Table(
    "items",
    metadata,
    _environment(),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("environment", "kind", "key"),
)

changelog = Table(
    "changelog",
    metadata,
    _environment(),
    Column("version", BigInteger, nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("committed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment", "version"),
)

# Every version of every flag and segment, for ever: `data` is what was published, NULL where it
# was withdrawn, and `record` the number of the audit record that tells of it.
history = Table(
    "history",
    metadata,
    _environment(),
    Column("version", BigInteger, nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("data", LargeBinary),
    Column("at", BigInteger, nullable=False),
    Column("record", BigInteger),
    PrimaryKeyConstraint("environment", "version"),
    Index("ix_history_item", "environment", "kind", "key", "version"),
    Index("ix_history_at", "environment", "at", "version"),
)

# `opening` is the targeting that an environment created later starts with.
flags = Table(
    "flags",
    metadata,
    _project(),
    Column("key", String(256), nullable=False),
    Column("type", String(16), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("opening", LargeBinary, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("owner", String(256), nullable=False),
    Column("temporary", Boolean, nullable=False),
    Column("search", Text, nullable=False),
    *_times(),
    PrimaryKeyConstraint("project", "key"),
)

flag_tags = Table(
    "flag_tags",
    metadata,
    Column("project", String(64), nullable=False),
    Column("flag", String(256), nullable=False),
    Column("tag", String(64), nullable=False),
    PrimaryKeyConstraint("project", "flag", "tag"),
    ForeignKeyConstraint(["project", "flag"], ["flags.project", "flags.key"]),
)

targetings = Table(
    "targetings",
    metadata,
    Column("project", String(64), nullable=False),
    Column("flag", String(256), nullable=False),
    _environment(),
    Column("document", LargeBinary, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment", "flag"),
    ForeignKeyConstraint(["project", "flag"], ["flags.project", "flags.key"]),
    Index("ix_targetings_flag", "project", "flag"),
)

segments = Table(
    "segments",
    metadata,
    _project(),
    Column("key", String(256), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("search", Text, nullable=False),
    *_times(),
    PrimaryKeyConstraint("project", "key"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("project", String(64), nullable=False),
    Column("segment", String(256), nullable=False),
    _environment(),
    Column("document", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("environment", "segment"),
    ForeignKeyConstraint(["project", "segment"], ["segments.project", "segments.key"]),
    Index("ix_memberships_segment", "project", "segment"),
)

# `person` is who proposed it, whatever they came with; `change`, `effect` and `reviews` are JSON.
# `due` is when it is applied by itself, NULL where somebody does that.
change_requests = Table(
    "change_requests",
    metadata,
    Column("id", String(32), primary_key=True),
    _environment(),
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
    *_times(),
    Index("ix_change_requests_environment", "environment", "id"),
)

# `done` steps are over and the next is `due`, NULL when there is none; `steps` is JSON.
schedules = Table(
    "schedules",
    metadata,
    Column("id", String(32), primary_key=True),
    _environment(),
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
    *_times(),
    Index("ix_schedules_environment", "environment", "id"),
)

# What was deleted and is not purged yet: `document` holds its rows, `resource` says what it is
# (``flag/checkout``).
deleted = Table(
    "deleted",
    metadata,
    _project(),
    Column("resource", String(300), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(256), nullable=False),
    Column("name", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("deleted_at", BigInteger, nullable=False, index=True),
    PrimaryKeyConstraint("project", "resource"),
)

# Which published item needs which: a flag its prerequisites and segments, a segment segments.
uses = Table(
    "uses",
    metadata,
    _environment(),
    Column("user_kind", String(16), nullable=False),
    Column("user_key", String(256), nullable=False),
    Column("used_kind", String(16), nullable=False),
    Column("used_key", String(256), nullable=False),
    PrimaryKeyConstraint("environment", "user_kind", "user_key", "used_kind", "used_key"),
    Index("ix_uses_used", "environment", "used_kind", "used_key"),
)

# `environment` is the one that a key is for; a relay key has none, though it may name only one.
keys = Table(
    "keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("hint", String(32), nullable=False),
    Column("environments", LargeBinary, nullable=False),
    Column("environment", String(129)),
    Column("expires_at", BigInteger),
    Column("revoked", Boolean, nullable=False),
    *_times(),
)

# `password` is an Argon2 hash, which names its parameters; `grants` is JSON.
users = Table(
    "users",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(128), nullable=False, unique=True),
    Column("full_name", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("grants", LargeBinary, nullable=False),
    Column("disabled", Boolean, nullable=False),
    *_times(),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user", String(32), ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)

# `user` is who made a token and is behind what it does. `scope` is JSON, as in a grant.
# `used_at` is written seldom: it says the hour, not the moment.
tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("hint", String(32), nullable=False),
    Column("user", String(32), ForeignKey("users.id")),
    Column("role", String(16), nullable=False),
    Column("scope", LargeBinary, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Column("revoked", Boolean, nullable=False),
    *_times(),
)

audit = Table(
    "audit",
    metadata,
    Column("chain", String(64), ForeignKey("audit_heads.chain"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("resource", Text, nullable=False),
    Column("environment", String(129)),
    Column("before", LargeBinary, nullable=False),
    Column("after", LargeBinary, nullable=False),
    Column("comment", Text),
    Column("instructions", LargeBinary, nullable=False),
    Column("summary", LargeBinary, nullable=False),
    Column("versions", LargeBinary, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("chain", "sequence"),
    Index("ix_audit_resource", "chain", "resource", "sequence"),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("chain", String(64), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
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

# What edges have counted. These tables have no foreign keys on purpose: writing one would lock
# the environment's row against the changes that lock it to take a version.

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
