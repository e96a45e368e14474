"""What followers tell a node."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pennon.model.codec import decode
from pennon.model.messages import Acks, NodeAnnouncement
from tests.builders.relay import SHOP, a_secret, an_epoch
from tests.builders.web import SERVER, ANode

ACKS: dict[str, Any] = {
    "node": "edge-1",
    "pops": [
        {
            "pop": "ams",
            "region": "eu",
            "nodes": ["edge-1", "edge-2"],
            "applied": {SHOP: [{"epoch": an_epoch(), "version": 7, "appliedAt": 9}]},
        }
    ],
}
NODE: dict[str, Any] = {
    "node": "edge-1",
    "role": "edge",
    "software": "pennon/1",
    "pop": "ams",
    "latitude": 52.4,
    "startedAt": 1,
}


class TestAcks:
    async def test_taken(self) -> None:
        """Acks are taken as they are, and what is new in them is ignored."""
        node = ANode()
        answer = await node.post("/sync/v1/acks", {**ACKS, "new": [1]})

        assert (answer.status, answer.body) == (202, b"")
        assert node.reports.taken == [decode(json.dumps(ACKS), Acks)]

    async def test_empty(self) -> None:
        """A node that has nothing to say may say so."""
        assert (await ANode().post("/sync/v1/acks", {"node": "edge-1"})).status == 202


class TestNodes:
    async def test_taken(self) -> None:
        """So is who a node says it is."""
        node = ANode()
        answer = await node.post("/sync/v1/nodes", {"nodes": [NODE]})

        assert answer.status == 202
        assert node.reports.taken == [decode(json.dumps(NODE), NodeAnnouncement)]


class TestRefusals:
    @pytest.mark.parametrize("path", ["/sync/v1/acks", "/sync/v1/nodes"])
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff",
            b"{}",
            b'{"node":7}',
            b'{"node":' + b"[" * 50_000,
            b'{"node":"a","pops":[{}],"role":"king"}',
        ],
    )
    async def test_body(self, path: str, body: bytes) -> None:
        """A body that cannot be read is 400, with the path of its fault; nothing is taken."""
        node = ANode()
        answer = await node.post(path, body)

        assert answer.status == 400
        assert answer.json()["errors"][0]["path"].startswith("$")
        assert node.reports.taken == []

    async def test_odd_epoch(self) -> None:
        """An ack of an epoch that is none is refused: it would cover all that is to come."""
        body = json.dumps(ACKS).replace(an_epoch(), "zzzz").encode()

        assert (await ANode().post("/sync/v1/acks", body)).status == 400

    @pytest.mark.parametrize("time", [-1, 2**53, 10**30])
    async def test_odd_time(self, time: int) -> None:
        """Nor is a time taken that no clock shows: nobody above could write it down."""
        acks = json.dumps(ACKS).replace('"appliedAt": 9', f'"appliedAt": {time}').encode()
        nodes = {"nodes": [{**NODE, "startedAt": time}]}

        assert (await ANode().post("/sync/v1/acks", acks)).status == 400
        assert (await ANode().post("/sync/v1/nodes", nodes)).status == 400

    @pytest.mark.parametrize("path", ["/sync/v1/acks", "/sync/v1/nodes"])
    @pytest.mark.parametrize(("key", "status"), [(None, 401), (a_secret(99), 401), (SERVER, 403)])
    async def test_key(self, path: str, key: str | None, status: int) -> None:
        """Only a relay key may report; that is asked before the body is read."""
        assert (await ANode().post(path, b"{", key=key)).status == status

    async def test_not_loaded(self) -> None:
        """Before keys are known, nobody's is wrong."""
        assert (await ANode(loaded=False).post("/sync/v1/acks", ACKS)).status == 503

    async def test_method(self) -> None:
        """Reports are posted."""
        answer = await ANode().get("/sync/v1/acks")

        assert (answer.status, answer.headers["allow"]) == (405, "POST")
