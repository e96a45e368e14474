"""Batches of events over HTTP."""

from __future__ import annotations

import gzip
import json

import msgspec
import pytest
from msgspec.structs import replace

from pennon.errors import BadInput, NotReady
from pennon.model.events import MOST_EVENTS, EventBatch
from pennon.web.asgi import DataPlaneApp
from pennon.web.data_plane import DataPlane
from pennon.web.events import EventEndpoints, PassedUp
from pennon.web.packing import MOST_BYTES, pack
from tests.builders.events import (
    Taken,
    a_batch,
    a_count,
    a_custom_event,
    a_parcel,
    a_telling,
    an_exposure,
)
from tests.builders.origin import NOON
from tests.builders.relay import SHOP, a_secret
from tests.builders.web import RELAY, SERVER, SHOP_RELAY, ANode, Answered, ask

PATH = "/sync/v1/events"
BATCH = a_batch(a_count(3))
AN_EXPOSURE = {"at": 1, "flag": "f", "variation": "on", "unit": {"key": "ada"}}


class Node:
    """A node that hands batches to *taken*, or passes them up to it."""

    def __init__(self, taken: Taken, *, passes_up: bool = False, loaded: bool = True) -> None:
        keys = ANode(loaded=loaded).keys
        sink = PassedUp(taken) if passes_up else taken
        self._app = DataPlaneApp(DataPlane(EventEndpoints(keys, sink)).answer)

    async def post(self, body: bytes, *, key: str | None = RELAY, **headers: str) -> Answered:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["authorization"] = f"Bearer {key}"
        return await ask(self._app, "POST", PATH, body, headers=given)

    async def send(self, batch: EventBatch, key: str = RELAY) -> Answered:
        return await self.post(pack(batch), key=key, content_encoding="zstd")


class TestEvents:
    @pytest.mark.parametrize("passes_up", [False, True])
    async def test_taken(self, passes_up: bool) -> None:
        """A batch is answered once it is where it belongs, and arrives as it was sent."""
        taken = Taken()
        answer = await Node(taken, passes_up=passes_up).send(BATCH)

        assert (answer.status, answer.body) == (202, b"")
        assert taken.batches == [BATCH]

    async def test_plain(self) -> None:
        """It need not be packed, and may hold what this node does not know."""
        taken = Taken()
        body = {**json.loads(msgspec.json.encode(BATCH)), "surprises": {SHOP: [1]}}
        answer = await Node(taken).post(json.dumps(body).encode())

        assert answer.status == 202
        assert taken.batches == [BATCH]

    async def test_passed_up_as_it_came(self) -> None:
        """A node passes on what it does not know, for those above who may."""
        passed: list[bytes] = []

        async def send(data: bytes) -> None:
            passed.append(data)

        keys = ANode().keys
        app = DataPlaneApp(DataPlane(EventEndpoints(keys, PassedUp(send))).answer)
        body = {**json.loads(msgspec.json.encode(BATCH)), "surprises": {SHOP: [1]}}
        data = gzip.compress(json.dumps(body).encode())
        headers = {"authorization": f"Bearer {RELAY}", "content-encoding": "gzip"}
        await ask(app, "POST", PATH, data, headers=headers)

        assert passed == [data]

    async def test_events_of_others(self) -> None:
        """That goes for exposures and for what clients told as well."""
        taken = Taken()
        ours = a_telling(a_parcel(a_custom_event()), exposures=(an_exposure(),))
        theirs = {"blog/production": ours.parcels[SHOP]}
        batch = replace(ours, parcels=ours.parcels | theirs)
        await Node(taken).send(batch, SHOP_RELAY)

        assert taken.batches == [ours]

    @pytest.mark.parametrize(
        "told",
        [
            {"exposures": {SHOP: [{}]}},
            {"exposures": {SHOP: [{**AN_EXPOSURE, "unit": {"key": "x" * 513}}]}},
            {"exposures": {SHOP: [{**AN_EXPOSURE, "unit": {"key": "a\0b"}}]}},
            {"exposures": {SHOP: [{**AN_EXPOSURE, "flag": "x" * 257}]}},
            {"exposures": {SHOP: [{**AN_EXPOSURE, "version": -1}]}},
            {"exposures": {SHOP: [AN_EXPOSURE] * (MOST_EVENTS + 1)}},
            {"parcels": {SHOP: [{"id": "short"}]}},
            {"parcels": {SHOP: [{"id": "0" * 32, "events": [{"at": 1, "name": "x" * 129}]}]}},
            {"parcels": {SHOP: [{"id": "0" * 32, "events": [{"at": 1, "name": "a\0b"}]}]}},
        ],
        ids=lambda told: json.dumps(told)[:60],
    )
    async def test_no_such_events(self, told: dict[str, object]) -> None:
        """What no node tells is refused for good, and nothing of it is taken."""
        taken = Taken()
        body = {"id": "0" * 32, "node": "edge-1", "at": NOON, **told}
        answer = await Node(taken).post(json.dumps(body).encode())

        assert (answer.status, taken.batches) == (400, [])

    async def test_others_environments(self) -> None:
        """A key tells of what it opens; what it says of others is left out."""
        taken = Taken()
        batch = msgspec.structs.replace(
            BATCH, counts={**BATCH.counts, "other/production": (a_count(9),)}
        )
        answer = await Node(taken).send(batch, key=SHOP_RELAY)

        assert answer.status == 202
        assert [{*one.counts} for one in taken.batches] == [{SHOP}]

    @pytest.mark.parametrize("passes_up", [False, True])
    async def test_not_now(self, passes_up: bool) -> None:
        """Who cannot take it says when to come back."""
        answer = await Node(Taken(NotReady("full", 5.0)), passes_up=passes_up).send(BATCH)

        assert (answer.status, answer.headers["retry-after"]) == (503, "5")

    async def test_refused_above(self) -> None:
        """What is refused above is refused here, or it would be sent for ever."""
        node = Node(Taken(BadInput.at("$", "no")), passes_up=True)

        assert (await node.send(BATCH)).status == 400


class TestRefusals:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"{}",
            b"\xff",
            msgspec.json.encode({"id": "x", "node": "n", "at": 1}),
            msgspec.json.encode(msgspec.structs.replace(BATCH, at=-1)),
            msgspec.json.encode(a_batch(a_count(0))),
            msgspec.json.encode(a_batch(a_count(flag="x" * 257))),
            msgspec.json.encode(a_batch(*(a_count() for _ in range(5_001)))),
        ],
    )
    async def test_body(self, body: bytes) -> None:
        """A batch that cannot be read is 400; nothing of it is taken."""
        taken = Taken()
        answer = await Node(taken).post(body)

        assert (answer.status, taken.batches) == (400, [])

    async def test_bomb(self) -> None:
        """What is small only while it is packed is not unpacked."""
        body = gzip.compress(b" " * (MOST_BYTES + 1))

        assert (await Node(Taken()).post(body, content_encoding="gzip")).status == 400

    async def test_encoding(self) -> None:
        """Another encoding is 415."""
        assert (await Node(Taken()).post(pack(BATCH), content_encoding="br")).status == 415

    @pytest.mark.parametrize(("key", "status"), [(None, 401), (a_secret(99), 401), (SERVER, 403)])
    async def test_key(self, key: str | None, status: int) -> None:
        """Only a relay key may tell; that is asked before the body is read."""
        assert (await Node(Taken()).post(b"{", key=key)).status == status

    async def test_not_loaded(self) -> None:
        """Before keys are known, nobody's is wrong."""
        assert (await Node(Taken(), loaded=False).post(b"{")).status == 503
