"""
Members of external segments: long lists of keys, and what is known of each list.

These tables have no foreign keys on purpose: a list is written beside the changes of its
environment, whose row is locked by those.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, String, Table

from pennon.model.members import LONGEST_KEY
from pennon.origin.db.tables.base import metadata

# A segment's members are its list whose `state` is live; one that is staged is being written, and
# a dropped one is taken apart. `touched_at` is when that was last so. The counts, the `digest`
# and the `generation`, the version of its last change, are those of a live list.
member_lists = Table(
    "member_lists",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("environment", String(129), nullable=False),
    Column("segment", String(256), nullable=False),
    Column("state", String(8), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("included", BigInteger, nullable=False),
    Column("excluded", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("touched_at", BigInteger, nullable=False),
    Index("ix_member_lists_segment", "environment", "segment", "state"),
    Index("ix_member_lists_state", "state", "touched_at"),
)

# `member` says whether a key is in the segment or out of it; all others are unlisted.
members = Table(
    "members",
    metadata,
    Column("list", BigInteger, nullable=False),
    Column("key", String(LONGEST_KEY), nullable=False),
    Column("member", Boolean, nullable=False),
    PrimaryKeyConstraint("list", "key"),
    sqlite_with_rowid=False,
)
