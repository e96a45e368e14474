"""What is answered of deleted flags and segments."""

from __future__ import annotations

from datetime import datetime

from pennon.model.messages import ItemKind
from pennon.origin.schemas import View


class Deleted(View, frozen=True, kw_only=True):
    """A deleted flag or segment. Its `key` stays taken until it is purged."""

    project: str
    kind: ItemKind
    key: str
    name: str
    deleted_at: datetime


class DeletedPage(View, frozen=True, kw_only=True):
    """What was deleted, flags first, in order of keys, and the cursor of the next page if any."""

    items: tuple[Deleted, ...]
    next: str | None


class Restored(View, frozen=True, kw_only=True):
    """What was restored: it is archived, as it was when it was deleted."""

    project: str
    kind: ItemKind
    key: str


class Purged(Restored, frozen=True, kw_only=True):
    """What is gone for good; history and the audit log keep what it was, and its key is free."""
