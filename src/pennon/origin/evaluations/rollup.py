"""Counts of minutes, put together: by hour and by day too, each in a row of its own. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from msgspec.structs import replace

from pennon.model.events import MINUTE_MS, EventBatch
from pennon.model.position import ACCESS

SECOND_MS: Final = 1_000
HOUR_MS: Final = 3_600 * SECOND_MS
DAY_MS: Final = 24 * HOUR_MS

KEPT: Final = {60: 6 * HOUR_MS, 3_600: 14 * DAY_MS, 86_400: 400 * DAY_MS}
"""For how long counts are kept, by the seconds that each of them is of."""
LATEST_MS: Final = 7 * DAY_MS
"""How old a batch may be when it is taken; ids are remembered for longer than that."""
AHEAD_MS: Final = DAY_MS
"""How far a node's clock may be ahead."""


class Bucket(NamedTuple):
    """What a row counts; rows are written in this order, which keeps writers from deadlocks."""

    environment: str
    flag: str
    resolution: int
    at: int
    variation: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rollup:
    """What batches add up to: the rows to add to, and when each flag was last asked for."""

    counts: Counter[Bucket]
    requests: dict[tuple[str, str], int]

    def flags(self) -> dict[str, set[str]]:
        """Return the flags that it is about, by environment."""
        found: dict[str, set[str]] = {}
        for environment, flag in self.requests:
            found.setdefault(environment, set()).add(flag)
        return found

    def only(self, known: dict[str, set[str]]) -> Rollup:
        """Return what it says of *known* flags, by environment."""
        none: set[str] = set()
        return Rollup(
            Counter(
                {
                    bucket: count
                    for bucket, count in self.counts.items()
                    if bucket.flag in known.get(bucket.environment, none)
                }
            ),
            {
                (environment, flag): at
                for (environment, flag), at in self.requests.items()
                if flag in known.get(environment, none)
            },
        )


def may_be_taken(batch: EventBatch, now: int) -> bool:
    """Return whether *batch* is of a time for which ids are remembered."""
    return now - LATEST_MS <= batch.at <= now + AHEAD_MS


def with_counts_of_parcels(batches: Iterable[EventBatch]) -> list[EventBatch]:
    """Return *batches* with what clients have counted among what the nodes have."""
    whole = []
    for batch in batches:
        counts = dict(batch.counts)
        for environment, parcels in batch.parcels.items():
            for parcel in parcels:
                if parcel.counts:
                    counts[environment] = (*counts.get(environment, ()), *parcel.counts)
        whole.append(replace(batch, counts=counts) if batch.parcels else batch)
    return whole


def rolled_up(batches: Iterable[EventBatch], now: int) -> Rollup:
    """
    Return what *batches* add up to.

    A minute that has not come yet is this one: a clock may be ahead. What would be removed at
    once is left out.
    """
    counts = Counter[Bucket]()
    requests: dict[tuple[str, str], int] = {}
    this_minute = now - now % MINUTE_MS
    for batch in batches:
        for environment, some in batch.counts.items():
            if environment == ACCESS:
                continue
            for one in some:
                if "\0" in one.flag or "\0" in (one.variation or ""):
                    continue  # PostgreSQL has no such text, and no flag has such a key
                minute = min(one.minute, this_minute)
                for resolution, kept in KEPT.items():
                    at = minute - minute % (resolution * SECOND_MS)
                    if at >= now - kept:
                        bucket = Bucket(
                            environment, one.flag, resolution, at, one.variation or "", one.reason
                        )
                        counts[bucket] += one.count
                # Within the minute, but not after the batch was cut.
                latest = min(minute + MINUTE_MS - 1, max(batch.at, minute), now)
                asked = environment, one.flag
                requests[asked] = max(latest, requests.get(asked, 0))
    return Rollup(counts, requests)
