"""`POST /events/v1`, asked as pages, apps and servers do."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import zstandard

from pennon.edge.client_events import EVENTS_PATH, MOST_BYTES, MOST_FAULTS
from pennon.edge.collector import Collector
from pennon.model.flag import ClientSide, Serve, WeightedVariation
from pennon.relay.backlog import MemoryBacklog
from pennon.relay.backoff import Backoff
from pennon.relay.postbox import Postbox
from tests.builders.edge import ALL, CLIENT, MOBILE, RELAY, SERVER, STAGING, AnEdge
from tests.builders.events import Taken
from tests.builders.flags import a_flag
from tests.builders.origin import Clock
from tests.builders.web import Answered

ADA = {"targetingKey": "ada"}
FLAG = a_flag(
    "f",
    default=Serve(split=(WeightedVariation(variation="on", weight=100_000),)),
    track="all",
    client_side=ClientSide(web=True),
)
EXPOSURE = {"kind": "exposure", "flag": "f", "variation": "on"}
CUSTOM = {"kind": "custom", "name": "purchase"}
ID = "5f0c7c6e-2f5b-4d0b-9a3e-8d1c7b6a5f4e"


class Full(MemoryBacklog):
    """A backlog on a disk that is full for a while."""

    full = True

    def add(self, name: str, data: bytes) -> None:
        if self.full:
            raise OSError("no space left")
        super().add(name, data)


class Asked:
    """An edge that clients tell, and what it has told."""

    def __init__(self, backlog: MemoryBacklog | None = None) -> None:
        self.taken = Taken()
        postbox = Postbox(backlog or MemoryBacklog(), self.taken, Backoff(lambda: 0.0))
        self.collector = Collector("edge-1", postbox, Clock(), every=3600.0)
        self.edge = AnEdge(FLAG, environments=("shop/production", STAGING), counter=self.collector)
        self.edge.load(STAGING, FLAG)

    async def tell(
        self, *events: object, key: str | None = CLIENT, headers: Any = None, **more: object
    ) -> Answered:
        body = {"context": ADA, "events": events, **more}
        return await self.edge.post(EVENTS_PATH, body, key=key, **(headers or {}))

    def told(self, sort: str) -> list[tuple[str, Any]]:
        """Return what was told up of a sort, with its environment."""
        return [
            (environment, one)
            for batch in self.taken.once
            for environment, parcels in batch.parcels.items()
            for parcel in parcels
            for one in getattr(parcel, sort)
        ]

    def ids(self) -> list[str]:
        return [
            parcel.id
            for batch in self.taken.once
            for parcels in batch.parcels.values()
            for parcel in parcels
        ]


@asynccontextmanager
async def asking(backlog: MemoryBacklog | None = None) -> AsyncGenerator[Asked]:
    """An edge for the length of a block, at whose end it has told what it was told."""
    asked = Asked(backlog)
    async with asked.collector.running():
        yield asked


class TestTaken:
    async def test_all_sorts(self) -> None:
        """What is told goes up, each sort by itself."""
        counts = {"kind": "evaluations", "flag": "f", "reason": "ERROR", "count": 3}
        async with asking() as asked:
            answer = await asked.tell(EXPOSURE, CUSTOM, counts, key=SERVER)

        assert (answer.status, answer.json()) == (202, {"taken": 3, "refused": []})
        assert [len(asked.told(sort)) for sort in ("exposures", "events", "counts")] == [1, 1, 1]
        assert len(asked.taken.once) == 3

    async def test_some(self) -> None:
        """A bad event is named and loses no good one."""
        async with asking() as asked:
            answer = await asked.tell({"kind": "custom"}, CUSTOM)

        assert answer.json()["taken"] == 1
        assert [fault["path"] for fault in answer.json()["refused"]] == ["$.events[0].name"]
        assert len(asked.told("events")) == 1

    async def test_none(self) -> None:
        """Where none is good it is the request that is bad, and not every fault is told."""
        async with asking() as asked:
            answer = await asked.tell(*[{"kind": "custom"}] * (MOST_FAULTS + 5))

        assert (answer.status, len(answer.json()["errors"])) == (400, MOST_FAULTS)
        assert asked.taken.batches == []

    async def test_nothing(self) -> None:
        """To tell nothing is no fault."""
        async with asking() as asked:
            assert (await asked.tell()).status == 202

    async def test_exposed_before(self) -> None:
        """An exposure that the node made or heard of is not told again."""
        async with asking() as asked:
            await asked.edge.one("f", ADA)
            await asked.tell(EXPOSURE)
            await asked.tell(EXPOSURE, context={"targetingKey": "bob"})
            answer = await asked.tell(EXPOSURE, context={"targetingKey": "bob"})

        assert answer.json() == {"taken": 1, "refused": []}
        assert [one.unit.key for _, one in asked.told("exposures")] == ["bob"]

    async def test_together(self) -> None:
        """Those that come at once are kept at once."""
        async with asking() as asked:
            answers = await asyncio.gather(*(asked.tell(CUSTOM) for _ in range(20)))

        assert {answer.status for answer in answers} == {202}
        assert (len(asked.taken.once), len(asked.told("events"))) == (1, 20)

    async def test_counted(self) -> None:
        """The node says how much it took, and how much it refused."""
        async with asking() as asked:
            await asked.tell(CUSTOM, EXPOSURE, {"kind": "custom"})
            metrics = [
                (sample.name, sample.labels.get("kind"), sample.value)
                for part in asked.edge.evaluating.metrics
                for metric in part.collect()
                for sample in metric.samples
            ]

        assert ("pennon_client_events_total", "custom", 1) in metrics
        assert ("pennon_client_events_refused_total", None, 1) in metrics


class TestIds:
    async def test_the_same_everywhere(self) -> None:
        """What is told again has the same id, on any node."""
        ids = []
        for _ in range(2):
            async with asking() as asked:
                await asked.tell(EXPOSURE, CUSTOM, id=ID)
            ids.append({*asked.ids()})

        assert ids[0] == ids[1]
        assert len(ids[0]) == 2

    @pytest.mark.parametrize("other", [{"key": ALL}, {"id": f"{ID}-2"}])
    async def test_others(self, other: dict[str, Any]) -> None:
        """Another id, or that of another key, is another."""
        header = {"x_pennon_environment": "shop/production"}
        async with asking() as asked:
            await asked.tell(CUSTOM, key=SERVER, id=ID)
            await asked.tell(CUSTOM, **{"key": SERVER, "id": ID, **other}, headers=header)

        assert len(set(asked.ids())) == 2

    async def test_none(self) -> None:
        """Without an id, what is told again counts again."""
        async with asking() as asked:
            await asked.tell(CUSTOM)
            await asked.tell(CUSTOM)

        assert len(set(asked.ids())) == 2


class TestFull:
    async def test_kept_later(self) -> None:
        """What cannot be kept is not taken, and what is told again then is."""
        backlog = Full()
        async with asking(backlog) as asked:
            refused = await asked.tell(EXPOSURE, id=ID)
            backlog.full = False
            taken = await asked.tell(EXPOSURE, id=ID)

        assert (refused.status, refused.headers["retry-after"], taken.status) == (503, "5", 202)
        assert len(asked.told("exposures")) == 1


class TestKeys:
    async def test_beacon(self) -> None:
        """A page that is about to go sends plain text without a header, its key in the body."""
        body = json.dumps({"key": CLIENT, "context": ADA, "events": [CUSTOM]}).encode()
        headers = {"content_type": "text/plain;charset=UTF-8", "origin": "https://shop.example"}
        async with asking() as asked:
            answer = await asked.edge.post(EVENTS_PATH, body, key=None, **headers)

        assert (answer.status, answer.headers["access-control-allow-origin"]) == (202, "*")
        assert len(asked.told("events")) == 1

    @pytest.mark.parametrize(
        ("key", "in_body", "status"),
        [
            (MOBILE, None, 202),
            (None, MOBILE, 202),
            (SERVER, None, 202),
            (None, SERVER, 403),
            (None, RELAY, 403),
            (RELAY, None, 403),
            (None, None, 401),
            (None, "nonsense", 401),
            (SERVER, "nonsense", 202),
        ],
    )
    async def test_who_may(self, key: str | None, in_body: str | None, status: int) -> None:
        """All keys but relays' may tell, and only what is public anyway may stand in a body."""
        body = {"events": [CUSTOM], **({} if in_body is None else {"key": in_body})}
        async with asking() as asked:
            answer = await asked.edge.post(EVENTS_PATH, body, key=key)

        assert answer.status == status

    async def test_environment(self) -> None:
        """A key that opens several environments says which, in the body if it must."""
        async with asking() as asked:
            unnamed = await asked.tell(CUSTOM, key=ALL)
            named = await asked.tell(CUSTOM, key=ALL, environment=STAGING)
            other = await asked.tell(CUSTOM, key=SERVER, environment=STAGING)

        assert (unnamed.status, named.status, other.status) == (400, 202, 403)
        assert [environment for environment, _ in asked.told("events")] == [STAGING]


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            (b"", {}, 400),
            (b"not JSON", {}, 400),
            (b"[" * 100_000, {}, 400),
            (b'{"events": [' + b"[" * 100_000 + b"]}", {}, 400),
            (b'{"events": []}' + b" " * MOST_BYTES, {}, 400),
            (gzip.compress(bytes(100 * MOST_BYTES)), {"content_encoding": "gzip"}, 400),
            (zstandard.compress(bytes(100 * MOST_BYTES)), {"content_encoding": "zstd"}, 400),
            (b"{}", {"content_encoding": "br"}, 415),
        ],
        ids=lambda value: f"{len(value)}" if isinstance(value, bytes) else None,
    )
    async def test_refused(self, body: bytes, headers: dict[str, str], status: int) -> None:
        """What is too large, nested without end or packed otherwise costs nothing."""
        async with asking() as asked:
            answer = await asked.edge.post(EVENTS_PATH, body, key=CLIENT, **headers)

        assert (answer.status, asked.taken.batches) == (status, [])

    @pytest.mark.parametrize("encoding", ["gzip", "zstd"])
    async def test_packed(self, encoding: str) -> None:
        """A body may be packed."""
        body = json.dumps({"events": [CUSTOM]}).encode()
        packed = gzip.compress(body) if encoding == "gzip" else zstandard.compress(body)
        async with asking() as asked:
            answer = await asked.edge.post(
                EVENTS_PATH, packed, key=CLIENT, content_encoding=encoding
            )

        assert answer.status == 202
