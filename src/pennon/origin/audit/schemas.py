"""What the audit log answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Raw

from pennon.origin.schemas import Input, View


class AuditQuery(Input, frozen=True, kw_only=True):
    """A page of records, newest first; of one `resource` (``flag/checkout``) or `environment`."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: str | None = None
    resource: str | None = None
    environment: str | None = None


class Actor(View, frozen=True, kw_only=True):
    """Who made a change, and the address it came from."""

    id: str
    name: str
    address: str


class AuditView(View, frozen=True, kw_only=True):
    """
    One record; `hash` covers all of it and `previous`, the hash of the one before.

    `instructions` are those that were asked for, if the change came as such; `summary` says in
    sentences what was done.
    """

    sequence: int
    at: datetime
    actor: Actor
    action: str
    resource: str
    environment: str | None
    before: Raw
    after: Raw
    comment: str | None
    instructions: Raw
    summary: tuple[str, ...]
    versions: dict[str, int]
    previous: str
    hash: str


class AuditPage(View, frozen=True, kw_only=True):
    """Records, and the cursor of the next page where there is one."""

    items: tuple[AuditView, ...]
    next: str | None
