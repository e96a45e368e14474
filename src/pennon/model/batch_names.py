"""The names of batches that wait: they sort by age, and say what a batch holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal, get_args

from pennon.model.events import EventBatch

Sort = Literal["contexts", "custom", "exposures", "counts"]
"""What a batch holds, least dear first: in this order they give way to each other."""
Why = Literal["no_room", "refused", "unreadable"]
"""Why a batch was given up."""

Dropped = Counter[tuple[Sort, Why]]

_DEARNESS: Final[dict[str, int]] = {sort: place for place, sort in enumerate(get_args(Sort))}


def name_of(batch: EventBatch, sort: Sort = "counts") -> str:
    """Return the name of a batch among others: they sort by the time when they were cut."""
    return f"{batch.at:016d}-{batch.id}-{sort}"


def sort_of(name: str) -> Sort:
    """Return what the batch of a name holds; names that do not say are of counts."""
    sort = name.rpartition("-")[2]
    return sort if sort in _DEARNESS else "counts"  # type: ignore[return-value]  # one of them


def first_to_go(names: Iterable[str]) -> str:
    """
    Return which of *names*, oldest first, gives way where there is no room.

    That is the oldest of the least dear sort: counts are few and say what is served at all,
    exposures are of worth as long as they are all there, and custom events can fill any disk.
    """
    return min(names, key=lambda name: _DEARNESS[sort_of(name)])
