"""
What evaluating nodes saw, on its way up: how often each flag served what, and why;
and, where that is allowed, a few of the contexts that it was for.

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


class EventBatch(Wire, frozen=True, kw_only=True):
    """The body of ``POST /sync/v1/events``: what *node* saw up to `at`, by environment."""

    id: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]
    node: Annotated[str, Meta(max_length=256)]
    at: Time
    counts: Annotated[dict[str, Counts], Meta(max_length=MOST_ENVIRONMENTS)] = {}
    contexts: Annotated[dict[str, SeenContexts], Meta(max_length=MOST_ENVIRONMENTS)] = {}
