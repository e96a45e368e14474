"""What is asked and answered about how often a flag served what."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import field

from pennon.model.detail import Reason
from pennon.origin.schemas import Input, Moment, View

Resolution = Literal["minute", "hour", "day"]


class EvaluationsQuery(Input, frozen=True, kw_only=True):
    """
    From when to before when, and how finely.

    Without times it is the last hour in minutes, the last day in hours, the last 30 days in days.
    """

    from_: Moment | None = field(name="from", default=None)
    to: Moment | None = None
    resolution: Resolution = "hour"


class CountView(View, frozen=True, kw_only=True):
    """How often a variation was served for a reason; null where there was no value."""

    variation: str | None
    reason: Reason
    count: int


class BucketView(View, frozen=True, kw_only=True):
    """What was served in the time that began `at`."""

    at: datetime
    counts: tuple[CountView, ...]


class EvaluationsView(View, frozen=True, kw_only=True):
    """
    How often a flag served what: in `items`, by time, and altogether in `totals`.

    A time in which nobody asked has no item. `lastRequestedAt` is null where nobody ever has.
    """

    flag: str
    project: str
    environment: str
    resolution: Resolution
    from_: datetime = field(name="from")
    to: datetime
    last_requested_at: datetime | None
    totals: tuple[CountView, ...]
    items: tuple[BucketView, ...]
