"""What a schedule says, and what is answered of one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from pennon.origin.authors import Comment
from pennon.origin.flags.instructions import FlagInstruction
from pennon.origin.instructions import MOST_INSTRUCTIONS
from pennon.origin.schemas import Input, ItemKey, ListQuery, View

Status = Literal["pending", "done", "failed", "missed", "cancelled"]
IfMissed = Literal["run", "skip"]
Time = Annotated[datetime, Meta(tz=True)]


class NewSchedule(Input, frozen=True, kw_only=True):
    """
    A change of `flag` to make later: `instructions` `at` a time, or a window.

    A window turns the flag on `onAt` a time and off `offAt` another. `ifMissed` says what becomes
    of it if no origin ran when it was to begin.
    """

    flag: ItemKey
    at: Time | None = None
    instructions: (
        Annotated[tuple[FlagInstruction, ...], Meta(min_length=1, max_length=MOST_INSTRUCTIONS)]
        | None
    ) = None
    on_at: Time | None = None
    off_at: Time | None = None
    if_missed: IfMissed = "run"
    comment: Comment | None = None


class Step(View, frozen=True, kw_only=True):
    """Instructions, and when to carry them out."""

    at: datetime
    instructions: tuple[FlagInstruction, ...]


class ScheduleQuery(ListQuery, frozen=True, kw_only=True):
    """A page of schedules, of one `status` where that is given."""

    status: Status | None = None


class Schedule(View, frozen=True, kw_only=True):
    """A schedule. So many of its steps are `done`; `error` says why the next could not be."""

    id: str
    project: str
    environment: str
    flag: str
    status: Status
    steps: tuple[Step, ...]
    done: int
    if_missed: IfMissed
    by: str
    comment: str | None
    error: str | None
    created_at: datetime
    updated_at: datetime


class SchedulePage(View, frozen=True, kw_only=True):
    """Schedules in the order of their creation, and the cursor of the next page if any."""

    items: tuple[Schedule, ...]
    next: str | None
