"""What edges tell of their evaluations, and a place to send it to."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

from msgspec.structs import replace

from pennon.model.detail import Detail, Reason
from pennon.model.events import (
    Count,
    CustomEvent,
    EventBatch,
    Exposure,
    Parcel,
    Property,
    SeenContext,
    Unit,
)
from pennon.relay.postbox import packed_with
from pennon.web.packing import unpack
from tests.builders.origin import NOON
from tests.builders.relay import SHOP

_numbers = count(1)


def an_answer(
    flag: str = "checkout", variation: str | None = "on", reason: Reason = "FALLTHROUGH"
) -> Detail:
    """Return what an evaluation answers."""
    return Detail(flag=flag, variation=variation, reason=reason, value=["a list"])


def a_count(
    times: int = 1,
    flag: str = "checkout",
    variation: str | None = "on",
    *,
    minute: int = NOON,
    reason: Reason = "FALLTHROUGH",
) -> Count:
    """Return how often a flag served a variation in a minute."""
    return Count(minute=minute, flag=flag, variation=variation, reason=reason, count=times)


def a_batch(
    *counts: Count, id: int | None = None, at: int = NOON, environment: str = SHOP
) -> EventBatch:
    """Return a batch of its own, unless *id* is that of another."""
    number = next(_numbers) if id is None else id
    return EventBatch(id=f"{number:032x}", node="edge-1", at=at, counts={environment: counts})


class Taken:
    """Takes batches, or says what *failures* say, one after the other."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.batches: list[EventBatch] = []
        self.something = asyncio.Event()

    async def __call__(self, data: bytes) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.batches.append(unpack(data, packed_with(data)))
        self.something.set()

    async def take(self, batch: EventBatch, data: bytes) -> None:
        """Be a node's `EventSink`."""
        assert unpack(data, packed_with(data)) == batch
        await self(data)

    @property
    def once(self) -> list[EventBatch]:
        """The batches, each once: one may be sent again whose sender stopped in the midst."""
        return list({batch.id: batch for batch in self.batches}.values())

    @property
    def total(self) -> int:
        """How many evaluations were told of."""
        return sum(
            one.count for batch in self.once for some in batch.counts.values() for one in some
        )


def a_seen(
    key: str = "ada", *, at: int = NOON, kind: str = "user", **attributes: Any
) -> SeenContext:
    """Return a context that an edge tells of."""
    return SeenContext(at=at, kinds={"user": {"key": key, **attributes}})


def a_sample(*seen: SeenContext, at: int = NOON, environment: str = SHOP) -> EventBatch:
    """Return a batch of contexts."""
    return replace(a_batch(at=at), counts={}, contexts={environment: seen})


def an_exposure(
    key: str = "ada",
    variation: str = "on",
    *,
    flag: str = "checkout",
    at: int = NOON,
    version: int = 1,
    kind: str = "user",
    rule: str | None = None,
) -> Exposure:
    """Return that someone was served a variation."""
    unit = Unit(kind=kind, key=key)
    return Exposure(at=at, flag=flag, variation=variation, version=version, rule=rule, unit=unit)


def a_custom_event(
    name: str = "purchase",
    *,
    at: int = NOON,
    value: float | None = None,
    units: dict[str, str] | None = None,
    **properties: Property,
) -> CustomEvent:
    """Return something that happened, to ada unless *units* say otherwise."""
    whose = {"user": "ada"} if units is None else units
    return CustomEvent(at=at, name=name, value=value, units=whose, properties=properties)


def a_parcel(
    *events: CustomEvent,
    exposures: tuple[Exposure, ...] = (),
    counts: tuple[Count, ...] = (),
    id: int | None = None,
) -> Parcel:
    """Return what a client told, of its own, unless *id* is that of another."""
    number = next(_numbers) if id is None else id
    return Parcel(id=f"{number:032x}", events=events, exposures=exposures, counts=counts)


def a_telling(
    *parcels: Parcel, exposures: tuple[Exposure, ...] = (), environment: str = SHOP, at: int = NOON
) -> EventBatch:
    """Return a batch of parcels, and of exposures that the node made itself."""
    return replace(
        a_batch(at=at),
        counts={},
        parcels={environment: parcels} if parcels else {},
        exposures={environment: exposures} if exposures else {},
    )
