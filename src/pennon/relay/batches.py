"""Batches of what a node saw, cut to size. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from pennon.model.events import (
    MOST_CONTEXTS,
    MOST_COUNTS,
    MOST_ENVIRONMENTS,
    MOST_EVENTS,
    Count,
    EventBatch,
    Exposure,
    Parcel,
    SeenContext,
)
from pennon.relay.tally import Outcome

S = TypeVar("S", bound=Struct)

CUT_BYTES: Final = 512 * 1024
"""How much of what varies in size goes into a batch, as JSON: packed it is far below any limit."""

# The id is what keeps a batch from being counted twice, so it is made once and for all.
_ID_BYTES: Final = 16
_encode = msgspec.json.Encoder().encode


def batches_of(
    counted: Mapping[str, Counter[Outcome]],
    *,
    node: str,
    at: int,
    random: Callable[[int], bytes],
) -> Iterator[EventBatch]:
    """Yield batches that together hold what was *counted* in each environment up to *at*."""
    room, counts = MOST_COUNTS, dict[str, tuple[Count, ...]]()
    for environment, outcomes in counted.items():
        left = [
            Count(
                minute=outcome.minute,
                flag=outcome.flag,
                variation=outcome.variation,
                reason=outcome.reason,
                count=count,
            )
            for outcome, count in outcomes.items()
        ]
        while left:
            counts[environment] = tuple(left[:room])
            room, left = room - len(counts[environment]), left[room:]
            if room == 0 or len(counts) == MOST_ENVIRONMENTS:
                yield EventBatch(id=random(_ID_BYTES).hex(), node=node, at=at, counts=counts)
                room, counts = MOST_COUNTS, {}
    if counts:
        yield EventBatch(id=random(_ID_BYTES).hex(), node=node, at=at, counts=counts)


def context_batches(
    seen: Mapping[str, tuple[SeenContext, ...]],
    *,
    node: str,
    at: int,
    random: Callable[[int], bytes],
) -> Iterator[EventBatch]:
    """Yield batches that together hold the contexts that were *seen* in each environment."""
    held, size = dict[str, tuple[SeenContext, ...]](), 0
    for environment, contexts in seen.items():
        held[environment] = contexts
        size += len(contexts)
        if size >= MOST_CONTEXTS:
            yield EventBatch(id=random(_ID_BYTES).hex(), node=node, at=at, contexts=held)
            held, size = {}, 0
    if held:
        yield EventBatch(id=random(_ID_BYTES).hex(), node=node, at=at, contexts=held)


def exposure_batches(
    made: Mapping[str, Sequence[Exposure]],
    *,
    node: str,
    at: int,
    random: Callable[[int], bytes],
) -> Iterator[EventBatch]:
    """Yield batches that together hold the exposures that were *made* in each environment."""
    for held in _cut(made):
        yield EventBatch(id=random(_ID_BYTES).hex(), node=node, at=at, exposures=held)


def parcel_batches(
    told: Mapping[str, Sequence[Parcel]],
    *,
    node: str,
    at: int,
    random: Callable[[int], bytes],
) -> Iterator[EventBatch]:
    """Yield batches that together hold the parcels of each environment, none of them divided."""
    for held in _cut(told):
        yield EventBatch(id=random(_ID_BYTES).hex(), node=node, at=at, parcels=held)


def _cut(given: Mapping[str, Sequence[S]]) -> Iterator[dict[str, tuple[S, ...]]]:
    """Yield portions of what is *given*; each but for its last thing is below all bounds."""
    held, size, count = defaultdict[str, list[S]](list), 0, 0
    for environment, things in given.items():
        for thing in things:
            held[environment].append(thing)
            size, count = size + len(_encode(thing)), count + 1
            if size >= CUT_BYTES or count == MOST_EVENTS or len(held) == MOST_ENVIRONMENTS:
                yield {name: tuple(some) for name, some in held.items()}
                held, size, count = defaultdict(list), 0, 0
    if held:
        yield {name: tuple(some) for name, some in held.items()}


def outcomes_of(counts: Iterable[Count]) -> Counter[Outcome]:
    """Return counts as a tally has them."""
    outcomes = Counter[Outcome]()
    for one in counts:
        outcomes[Outcome(one.minute, one.flag, one.variation, one.reason)] += one.count
    return outcomes
