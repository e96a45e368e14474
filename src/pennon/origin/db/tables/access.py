"""Keys, and who may use the management API."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, LargeBinary, String, Table, Text

from pennon.origin.db.tables.base import metadata, times

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
    *times(),
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
    *times(),
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
    *times(),
)
