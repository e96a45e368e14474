"""Events as they come: told to an edge that keeps them on disk, and to an origin on SQLite."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.collector.edge import HEADERS, SHOP, some_scopes
from pennon.edge.client_events import EVENTS_PATH, ClientEvents
from pennon.edge.collector import Collector
from pennon.kv.spool import Spool
from pennon.model.events import CustomEvent, EventBatch, Exposure, Parcel, Unit
from pennon.origin.bus.memory import MemoryBus
from pennon.origin.db import Database, migrate
from pennon.origin.sample import create_sample
from pennon.origin.services import Origin, wall_clock
from pennon.relay.backoff import Backoff
from pennon.relay.postbox import Postbox
from pennon.web.handler import Request

A_BODY: Final = 20
"""Events in a body: half of them exposures."""
A_BATCH: Final = 1_000
AT_ONCE: Final = 1_000


async def edge_rate(folder: Path, bodies: int) -> tuple[float, float]:
    """Return how many events a second an edge keeps on disk, and the µs of CPU for each."""
    collector = Collector(
        "edge-1", Postbox(Spool(folder), _nowhere, Backoff(lambda: 0.0)), wall_clock
    )
    endpoint = ClientEvents(some_scopes(tracked=True), collector, wall_clock)
    requests = [_request(number) for number in range(bodies)]
    async with collector.running():
        started, worked = time.perf_counter(), time.process_time()
        for start in range(0, bodies, AT_ONCE):
            some = requests[start : start + AT_ONCE]
            answers = await asyncio.gather(*map(endpoint.events, some))
            assert {answer.status for answer in answers} == {202}
        spent, work = time.perf_counter() - started, time.process_time() - worked
    events = bodies * A_BODY
    return events / spent, work * 1e6 / events


async def origin_rate(folder: Path, batches: int) -> dict[str, float]:
    """Return how many exposures and custom events a second an origin commits, batch by batch."""
    url = f"sqlite:///{folder / 'pennon.db'}"
    migrate(url)
    rates: dict[str, float] = {}
    async with Database.open(url) as database:
        origin = Origin(database, MemoryBus())
        await create_sample(origin)
        for name, make in (("exposures", _exposures), ("custom events", _custom)):
            made = [make(number) for number in range(batches)]
            started = time.perf_counter()
            for batch in made:
                await origin.intake.take(batch)
            rates[name] = batches * A_BATCH / (time.perf_counter() - started)
    return rates


async def _nowhere(data: bytes) -> None:
    """Take a batch."""


def _request(number: int) -> Request:
    exposures = [
        {"kind": "exposure", "flag": f"flag-{place}", "variation": "off"}
        for place in range(A_BODY // 2)
    ]
    custom = [
        {"kind": "custom", "name": "shown", "value": place, "properties": {"page": "/basket"}}
        for place in range(A_BODY // 2)
    ]
    body = {
        "id": secrets.token_hex(16),
        "sentAt": wall_clock(),
        "context": {"targetingKey": f"user-{number}", "plan": "pro"},
        "events": [*exposures, *custom],
    }
    return Request(method="POST", path=EVENTS_PATH, headers=HEADERS, body=msgspec.json.encode(body))


def _exposures(number: int) -> EventBatch:
    now = wall_clock()
    made = tuple(
        Exposure(
            at=now,
            flag="new-checkout",
            variation="on",
            version=1,
            unit=Unit(key=f"user-{number}-{place}"),
        )
        for place in range(A_BATCH)
    )
    return EventBatch(id=secrets.token_hex(16), node="edge-1", at=now, exposures={SHOP: made})


def _custom(number: int) -> EventBatch:
    now = wall_clock()
    parcels = tuple(
        Parcel(
            id=secrets.token_hex(16),
            events=tuple(
                CustomEvent(
                    at=now,
                    name="shown",
                    value=float(place),
                    units={"user": f"user-{number}-{start}"},
                    properties={"page": "/basket"},
                )
                for place in range(A_BODY)
            ),
        )
        for start in range(0, A_BATCH, A_BODY)
    )
    return EventBatch(id=secrets.token_hex(16), node="edge-1", at=now, parcels={SHOP: parcels})
