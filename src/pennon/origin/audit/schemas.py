"""What the audit log is asked for, and what it answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Raw, field

from pennon.origin.schemas import Input, View

# PostgreSQL has no text with a NUL, so that nothing could be found by one.
_Exactly = Annotated[str, Meta(max_length=512, pattern=r"^[^\x00]*$")]
_Moment = Annotated[datetime, Meta(tz=True)]


class AuditQuery(Input, frozen=True, kw_only=True):
    """
    A page of records that meet every condition given.

    `actor` is an id or a name, `resource` such as ``flag/checkout``, `from` (included) and `until`
    (excluded) are moments with their time zone; `q` is searched for in resources and comments.
    """

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: str | None = None
    order: Literal["newest", "oldest"] = "newest"
    actor: _Exactly | None = None
    action: _Exactly | None = None
    resource: _Exactly | None = None
    environment: _Exactly | None = None
    from_: _Moment | None = field(default=None, name="from")
    until: _Moment | None = None
    q: Annotated[str, Meta(max_length=256, pattern=r"^[^\x00]*$")] | None = None


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
