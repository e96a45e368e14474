"""Server-sent events, held to the cases that every language shares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.relay.sse import SseParser, format_event

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "conformance/sse.json").read_text()
)["cases"]


def _bytes(chunk: str | dict[str, str]) -> bytes:
    return chunk.encode() if isinstance(chunk, str) else bytes.fromhex(chunk["hex"])


class TestParser:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
    def test_case(self, case: dict[str, Any]) -> None:
        """Every shared case gives the events that it names."""
        parser = SseParser()
        events = [event for chunk in case["chunks"] for event in parser.feed(_bytes(chunk))]

        assert [
            {"name": event.name, "id": event.id, "data": event.data.decode()} for event in events
        ] == case["events"]

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
    def test_byte_by_byte(self, case: dict[str, Any]) -> None:
        """Where the cuts fall changes nothing."""
        parser = SseParser()
        whole = b"".join(_bytes(chunk) for chunk in case["chunks"])
        events = [event for byte in whole for event in parser.feed(bytes([byte]))]

        assert [event.data.decode() for event in events] == [
            event["data"] for event in case["events"]
        ]

    @given(
        st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 9), st.text())),
        st.lists(st.integers(1, 50)),
    )
    def test_what_is_written_is_read(
        self, written: list[tuple[str, int, str]], cuts: list[int]
    ) -> None:
        """`format_event` and the parser are inverse, whatever the chunks."""
        stream = b"".join(
            format_event(name, json.dumps(text).encode(), str(number))
            for name, number, text in written
        )
        parser, read = SseParser(), []
        for cut in cuts:
            read += parser.feed(stream[:cut])
            stream = stream[cut:]
        read += parser.feed(stream)

        assert [(event.name, int(event.id), json.loads(event.data)) for event in read] == written

    @pytest.mark.parametrize("endless", [b"x" * 100, b"data: x\n" * 50])
    def test_limit(self, endless: bytes) -> None:
        """An event that does not end is refused before it fills the memory."""
        parser = SseParser(limit=64)

        with pytest.raises(BadInput, match="at most 64 bytes"):
            parser.feed(endless)
