"""
What evaluating nodes saw, on its way up: how often each flag served what, and why; to whom, where
a flag's exposures are tracked; what clients told of; and, where that is allowed, a few contexts.

A batch has an id. Whoever takes batches remembers the ids, so that one that is sent again, because
nobody knows whether it arrived, counts once.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta

from pennon.model.detail import Reason
from pennon.model.flag import Wire
from pennon.model.messages import Time

MINUTE_MS: Final = 60_000
MOST_COUNTS: Final = 5_000
"""How many counts a batch may hold of one environment."""
MOST_ENVIRONMENTS: Final = 500
"""Of how many environments a batch may tell."""
MOST_CONTEXTS: Final = 100
"""How many contexts a batch may hold of one environment."""
LARGEST_CONTEXT: Final = 4_096
"""The bytes of a context, as JSON, beyond which only its keys are told."""
LONGEST_NAME: Final = 256
"""How much of a variation's name is told; what is longer is cut."""

LONGEST_KEY: Final = 512
"""The longest key of a unit; whoever has a longer one is not told of."""
MOST_EVENTS: Final = 5_000
"""How many exposures, custom events or parcels a batch may hold of one environment."""
LONGEST_EVENT_NAME: Final = 128
MOST_UNITS: Final = 8
MOST_PROPERTIES: Final = 50
NO_NUL: Final = r"^[^\0]*$"
"""PostgreSQL has no text with a NUL, so that nobody may tell of one."""


class Count(Wire, frozen=True, kw_only=True):
    """
    How often a flag served a variation for a reason, within the minute that began at `minute`.

    `variation` is None where there was no value.
    """

    minute: Time
    flag: Annotated[str, Meta(max_length=256)]
    variation: Annotated[str, Meta(max_length=LONGEST_NAME)] | None = None
    reason: Reason
    count: Annotated[int, Meta(ge=1, lt=2**40)]


Counts = Annotated[tuple[Count, ...], Meta(max_length=MOST_COUNTS)]


class SeenContext(Wire, frozen=True, kw_only=True):
    """A context that a flag was evaluated for: when, and what may be told of each kind."""

    at: Time
    kinds: Annotated[dict[str, dict[str, Any]], Meta(min_length=1, max_length=20)]


SeenContexts = Annotated[tuple[SeenContext, ...], Meta(max_length=MOST_CONTEXTS)]


class Unit(Wire, frozen=True, kw_only=True):
    """Whom something is counted for: a kind of a context, and its key."""

    kind: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,256}$(?!\n)")] = "user"
    key: Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY, pattern=NO_NUL)]


class Exposure(Wire, frozen=True, kw_only=True):
    """
    A unit was served a variation of a flag, which was at `version` in its environment.

    `rule` is the id of the rule that served it, None for the flag's default.
    """

    at: Time
    flag: Annotated[str, Meta(min_length=1, max_length=256, pattern=NO_NUL)]
    variation: Annotated[str, Meta(max_length=LONGEST_NAME, pattern=NO_NUL)]
    version: Annotated[int, Meta(ge=0, lt=2**53)] = 0
    rule: Annotated[str, Meta(max_length=256, pattern=NO_NUL)] | None = None
    unit: Unit


Exposures = Annotated[tuple[Exposure, ...], Meta(max_length=MOST_EVENTS)]

Property = bool | int | float | str | None
"""What an event may say beside its name: nothing is nested."""


class CustomEvent(Wire, frozen=True, kw_only=True):
    """Something that a program tells of: a purchase, a page shown; `units` are keys by kind."""

    at: Time
    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_EVENT_NAME, pattern=NO_NUL)]
    value: float | None = None
    units: Annotated[dict[str, str], Meta(max_length=MOST_UNITS)] = {}
    properties: Annotated[dict[str, Property], Meta(max_length=MOST_PROPERTIES)] = {}


CustomEvents = Annotated[tuple[CustomEvent, ...], Meta(max_length=MOST_EVENTS)]

BatchId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]


class Parcel(Wire, frozen=True, kw_only=True):
    """
    What one client told at once, of one sort, of an environment.

    It has an id of its own, so that what the client tells again, to this node or to another,
    counts once.
    """

    id: BatchId
    counts: Counts = ()
    exposures: Exposures = ()
    events: CustomEvents = ()


Parcels = Annotated[tuple[Parcel, ...], Meta(max_length=MOST_EVENTS)]


class EventBatch(Wire, frozen=True, kw_only=True):
    """The body of ``POST /sync/v1/events``: what *node* saw up to `at`, by environment."""

    id: BatchId
    node: Annotated[str, Meta(max_length=256)]
    at: Time
    counts: Annotated[dict[str, Counts], Meta(max_length=MOST_ENVIRONMENTS)] = {}
    contexts: Annotated[dict[str, SeenContexts], Meta(max_length=MOST_ENVIRONMENTS)] = {}
    exposures: Annotated[dict[str, Exposures], Meta(max_length=MOST_ENVIRONMENTS)] = {}
    parcels: Annotated[dict[str, Parcels], Meta(max_length=MOST_ENVIRONMENTS)] = {}
