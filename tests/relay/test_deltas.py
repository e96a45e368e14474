"""What a replica does with messages, held to the cases that every language shares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pennon.errors import BadInput
from pennon.model.codec import format_digest
from pennon.relay.replicas import Replicas
from pennon.relay.sse import Event
from pennon.relay.upstream import message_of
from tests.builders.relay import SHOP

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "conformance/deltas.json").read_text()
)["cases"]


def _take(replicas: Replicas, event: str, data: str) -> str:
    """Return the word for what became of an event."""
    try:
        message = message_of(Event(event, "", data.encode()))
    except BadInput:
        return "unreadable"
    return "ignored" if message is None else replicas.take(message).name.lower()


class TestDeltas:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
    def test_case(self, case: dict[str, Any]) -> None:
        """Every shared case gives its verdicts, and ends as it says."""
        replicas = Replicas()
        replica = replicas.open(SHOP)
        verdicts = [_take(replicas, one["event"], one["data"]) for one in case["messages"]]
        held = {
            (kind, key): text.encode()
            for kind, member in (("flag", "flags"), ("segment", "segments"))
            for key, text in case["ends"][member].items()
        }

        assert verdicts == [one["verdict"] for one in case["messages"]]
        assert replica.items == held
        assert format_digest(replica.digest) == case["ends"]["digest"]
        assert (replica.position and str(replica.position)) == case["ends"]["position"]
