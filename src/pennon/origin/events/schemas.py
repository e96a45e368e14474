"""What is asked and answered about exposures and custom events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, field

from pennon.origin.schemas import Input, Moment, View

_Exactly = Annotated[str, Meta(max_length=1024, pattern=r"^[^\x00]*$")]

EventKind = Literal["exposure", "custom"]


class EventsQuery(Input, frozen=True, kw_only=True):
    """
    A page of the events that meet every condition given.

    `flag` is for exposures and `name` for custom events; `unit` is a kind and a key, as in
    ``user:ada``.
    """

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: str | None = None
    kind: EventKind | None = None
    flag: _Exactly | None = None
    name: _Exactly | None = None
    unit: Annotated[str, Meta(max_length=1024, pattern=r"^[A-Za-z0-9._-]+:[^\x00]+$")] | None = None


class EventView(View, frozen=True, kw_only=True):
    """
    An exposure, with `flag`, `variation`, `version` and `ruleId`, or a custom event, with `name`,
    `value` and `properties`. `units` are keys by kind.
    """

    kind: EventKind
    at: datetime
    units: dict[str, str]
    flag: str | None = None
    variation: str | None = None
    version: int | None = None
    rule_id: str | None = None
    name: str | None = None
    value: float | None = None
    properties: dict[str, Any] = {}


class EventPage(View, frozen=True, kw_only=True):
    """Events, and the cursor of the next page where there is one."""

    items: tuple[EventView, ...]
    next: str | None


class ExposuresQuery(Input, frozen=True, kw_only=True):
    """From when to before when; without times it is all that is kept."""

    from_: Moment | None = field(name="from", default=None)
    to: Moment | None = None


class ExposedView(View, frozen=True, kw_only=True):
    """How many units were served a variation."""

    variation: str
    units: int


class ExposuresView(View, frozen=True, kw_only=True):
    """
    How many units a flag served each variation, the most frequent first.

    Units that were served several of them are in each, and in `inSeveral`.
    """

    flag: str
    project: str
    environment: str
    variations: tuple[ExposedView, ...]
    in_several: int
