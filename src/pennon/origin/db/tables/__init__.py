"""
The tables, in portable SQLAlchemy Core.

Times are epoch milliseconds. A `document` is the JSON of one editable object, as bytes: it is
read and written whole, and what is searched or joined has a column of its own. An `environment`
is always the full name (``shop/production``).
"""

from pennon.origin.db.tables.access import keys, sessions, tokens, users
from pennon.origin.db.tables.audit_log import audit, audit_heads
from pennon.origin.db.tables.base import ZERO_DIGEST, metadata
from pennon.origin.db.tables.changes import change_requests, deleted, kept_answers, schedules
from pennon.origin.db.tables.counts import evaluations, event_batches, flag_requests, seen_contexts
from pennon.origin.db.tables.events import custom_event_units, custom_events, exposures
from pennon.origin.db.tables.flag import flag_tags, flags, targetings
from pennon.origin.db.tables.member_lists import member_lists, members
from pennon.origin.db.tables.places import environments, installation, projects
from pennon.origin.db.tables.publication import changelog, history, items, uses
from pennon.origin.db.tables.segment import memberships, segments

__all__ = [
    "ZERO_DIGEST",
    "audit",
    "audit_heads",
    "change_requests",
    "changelog",
    "custom_event_units",
    "custom_events",
    "deleted",
    "environments",
    "evaluations",
    "event_batches",
    "exposures",
    "flag_requests",
    "flag_tags",
    "flags",
    "history",
    "installation",
    "items",
    "kept_answers",
    "keys",
    "member_lists",
    "members",
    "memberships",
    "metadata",
    "projects",
    "schedules",
    "seen_contexts",
    "segments",
    "sessions",
    "targetings",
    "tokens",
    "users",
    "uses",
]
