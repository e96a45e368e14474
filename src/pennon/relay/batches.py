"""Batches of counts as they travel: cut to size, named, packed. Pure."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import msgspec

from pennon.errors import BadInput
from pennon.model.codec import decode
from pennon.model.events import (
    MOST_CONTEXTS,
    MOST_COUNTS,
    MOST_ENVIRONMENTS,
    Count,
    EventBatch,
    SeenContext,
)
from pennon.relay.tally import Outcome

MOST_BYTES: Final = 4 * 1024 * 1024
"""How large a batch may be once it is unpacked."""

# The id is what keeps a batch from being counted twice, so it is made once and for all.
_ID_BYTES: Final = 16
_GZIP: Final = 31
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


def outcomes_of(counts: Iterable[Count]) -> Counter[Outcome]:
    """Return counts as a tally has them."""
    outcomes = Counter[Outcome]()
    for one in counts:
        outcomes[Outcome(one.minute, one.flag, one.variation, one.reason)] += one.count
    return outcomes


def name_of(batch: EventBatch) -> str:
    """Return the name of a batch among others: they sort by the time when they were cut."""
    return f"{batch.at:016d}-{batch.id}"


def pack(batch: EventBatch) -> bytes:
    """Return a batch as it travels and is kept: JSON, gzipped."""
    packer = zlib.compressobj(level=1, wbits=_GZIP)
    return packer.compress(_encode(batch)) + packer.flush()


def unpack(data: bytes, *, packed: bool = True) -> EventBatch:
    """Read a batch. Raises BadInput when it is none, or is too large once it is unpacked."""
    return decode(_unzipped(data) if packed else data, EventBatch)


def _unzipped(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        plain = unpacker.decompress(data, MOST_BYTES)
    except zlib.error:
        raise BadInput.at("$", "expected a body that is gzipped, as its header says") from None
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise BadInput.at("$", f"expected a whole body of at most {MOST_BYTES} bytes, unzipped")
    return plain
