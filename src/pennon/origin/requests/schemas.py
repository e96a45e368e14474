"""What a change request says, and what is answered of one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from pennon.model.messages import ItemKind
from pennon.origin.authors import Comment
from pennon.origin.differences import Difference
from pennon.origin.dry_run import DryRun
from pennon.origin.instructions import MOST_INSTRUCTIONS
from pennon.origin.schemas import Input, ItemKey, ListQuery, View

Status = Literal["open", "applied", "rejected", "withdrawn", "failed"]
Verdict = Literal["approve", "reject"]
Instructions = Annotated[
    tuple[dict[str, Any], ...], Meta(min_length=1, max_length=MOST_INSTRUCTIONS)
]


class NewChangeRequest(Input, frozen=True, kw_only=True):
    """
    A change to propose, of a `flag` or of a `segment`, by `instructions` or by a merge `patch`.

    Both are what the environment's own endpoints of the flag or the segment take. With `at` it is
    applied by itself at that time, if it is approved by then.
    """

    flag: ItemKey | None = None
    segment: ItemKey | None = None
    instructions: Instructions | None = None
    patch: dict[str, Any] | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    comment: Comment | None = None


class Change(View, frozen=True, kw_only=True):
    """What is asked for: instructions, or else a merge patch."""

    instructions: tuple[dict[str, Any], ...] | None = None
    patch: dict[str, Any] | None = None


class Effect(View, frozen=True, kw_only=True):
    """What the change would have done when it was proposed."""

    diff: tuple[Difference, ...]
    sentences: tuple[str, ...]


class ReviewBody(Input, frozen=True, kw_only=True):
    """What somebody else thinks of a change."""

    verdict: Verdict
    comment: Comment | None = None


class Review(View, frozen=True, kw_only=True):
    """One person's verdict; the last one counts."""

    person: str
    by: str
    verdict: Verdict
    comment: str | None
    at: datetime


class RequestQuery(ListQuery, frozen=True, kw_only=True):
    """A page of change requests, of one `status` where that is given."""

    status: Status | None = None


class ChangeRequestSummary(View, frozen=True, kw_only=True):
    """
    A proposed change, and what it would have done when it was proposed.

    `approvals` of those `required` by now were given; `version` is what it took once applied.
    `at` is when it is applied by itself, and `error` why it could not be.
    """

    id: str
    project: str
    environment: str
    kind: ItemKind
    key: str
    status: Status
    by: str
    comment: str | None
    change: Change
    effect: Effect
    reviews: tuple[Review, ...]
    approvals: int
    required: int
    at: datetime | None
    error: str | None
    version: int | None
    created_at: datetime
    updated_at: datetime


class ChangeRequest(ChangeRequestSummary, frozen=True, kw_only=True):
    """
    A proposed change. While it is open, `now` is what it would do now; a read-only origin cannot
    say.

    `current` says whether that is still what was proposed: only then can it be approved and
    applied.
    """

    now: DryRun | None
    current: bool


class ChangeRequestPage(View, frozen=True, kw_only=True):
    """Change requests in the order of their proposal, and the cursor of the next page if any."""

    items: tuple[ChangeRequestSummary, ...]
    next: str | None
