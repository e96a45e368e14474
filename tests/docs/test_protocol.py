"""`docs/protocol.md` is what nodes really say."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from pennon.model.codec import (
    EVENT_OF_KIND,
    decode,
    decode_change,
    decode_goodbye,
    decode_heartbeat,
    decode_snapshot,
)
from pennon.model.events import EventBatch
from pennon.model.members import MembersAnswer, MembersQuestion
from pennon.model.messages import Acks, NodeAnnouncements, StreamRequest
from tests.builders.documentation import ROOT, blocks

PROTOCOL = (ROOT / "docs" / "protocol.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
EXAMPLES = [block.text.encode() for block in blocks("json") if block.page.name == "protocol.md"]

DECODERS: list[Callable[[bytes], object]] = [
    lambda data: decode(data, StreamRequest),
    lambda data: decode_change("flag_update", data),
    lambda data: decode_change("segment_update", data),
    decode_snapshot,
    decode_heartbeat,
    decode_goodbye,
    lambda data: decode_change("access_update", data),
    lambda data: decode(data, MembersQuestion),
    lambda data: decode(data, MembersAnswer),
    lambda data: decode(data, Acks),
    lambda data: decode(data, NodeAnnouncements),
    lambda data: decode(data, EventBatch),
    lambda data: decode(data, EventBatch),
]
"""What reads each example of the page, in its order."""


EVENTS = sorted({*EVENT_OF_KIND.values(), "full_sync", "heartbeat", "goodbye"})

ROUTES = sorted(
    {
        path
        for module in (ROOT / "src" / "pennon" / "web").glob("*.py")
        for path in re.findall(r'\("(?:GET|POST)", "(/[^"]+)"\):', module.read_text("utf-8"))
    }
)
"""What every node serves, as its route tables say."""


class TestProtocol:
    """The page and the code."""

    @pytest.mark.parametrize(("example", "read"), list(zip(EXAMPLES, DECODERS, strict=True)))
    def test_examples_are_messages(self, example: bytes, read: Callable[[bytes], object]) -> None:
        """A node accepts every example as it stands, digest included."""
        assert read(example) is not None

    @pytest.mark.parametrize("event", EVENTS)
    def test_every_event_is_described(self, event: str) -> None:
        """No event travels that the page does not name."""
        assert f"`{event}`" in PROTOCOL

    @pytest.mark.parametrize("path", ROUTES)
    def test_every_route_is_described(self, path: str) -> None:
        """On the protocol's page when nodes ask it, on the operator's when people do."""
        assert path.removesuffix("*") in PROTOCOL + OPERATIONS
