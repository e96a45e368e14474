"""What is taken of what clients tell: `conformance/events.json`, and the bounds."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.edge.telling import OLDEST_MS, Heard, Listener
from pennon.errors import BadInput
from pennon.evaluation.ruleset import Ruleset
from pennon.model.codec import decode
from pennon.model.events import MOST_PROPERTIES, MOST_UNITS
from pennon.model.flag import ClientSide, Serve, WeightedVariation
from pennon.model.told_events import LARGEST_PROPERTIES, MOST_TOLD, ToldEvents
from pennon.relay.batches import parcel_batches
from pennon.web.packing import pack, unpack
from tests.builders.events import a_parcel
from tests.builders.flags import a_flag
from tests.builders.origin import NOON
from tests.builders.relay import SHOP

VECTORS = json.loads((Path(__file__).parents[2] / "conformance/events.json").read_text())
SPLIT = Serve(split=(WeightedVariation(variation="on", weight=100_000),))
RULESET = Ruleset.of(
    7,
    {
        "checkout": a_flag(
            "checkout", version=7, default=SPLIT, track="all", client_side=ClientSide(web=True)
        ),
        "secret": a_flag("secret", version=7, default=SPLIT),
    },
    {},
)


def hear(body: object, key: str = "client", now: int = NOON) -> Heard:
    told = decode(json.dumps(body), ToldEvents)
    return Listener(RULESET, "web" if key == "client" else None, now).hear(told)


def a_custom(**fields: Any) -> dict[str, Any]:
    return {"kind": "custom", "name": "purchase", **fields}


class TestVectors:
    @pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
    def test_case(self, case: dict[str, Any]) -> None:
        """Each event is taken as the vector says, or refused at its path."""
        heard = hear(case["body"], case.get("key", "client"), VECTORS["now"])

        for sort, taken in [
            ("exposures", heard.exposures), ("custom", heard.custom), ("counts", heard.counts)
        ]:  # fmt: skip
            assert msgspec.to_builtins(taken) == case.get(sort, [])
        assert [fault.path for fault in heard.faults] == case.get("refused", [])


class TestBounds:
    @pytest.mark.parametrize(
        "fields",
        [
            {"name": "x" * 129},
            {"properties": {str(n): n for n in range(MOST_PROPERTIES + 1)}},
            {"properties": {"x" * 65: 1}},
            {"properties": {"x": "y" * LARGEST_PROPERTIES}},
            {"properties": {"x": [1]}},
            {"unit": {"key": "x" * 513}},
            {"unit": {"kind": "no such kind", "key": "x"}},
            {"value": "9.5"},
            {"at": -1},
            {"at": 2**53},
        ],
        ids=lambda fields: f"{next(iter(fields))}",
    )
    def test_refused(self, fields: dict[str, Any]) -> None:
        """What is too long, too much or of another type is refused, and the next one taken."""
        heard = hear({"events": [a_custom(**fields), a_custom()]})

        assert (len(heard.faults), heard.taken) == (1, 1)
        assert heard.faults[0].path.startswith("$.events[0].")

    def test_kinds(self) -> None:
        """A context may have many kinds, but not all of them can be told of."""
        context: dict[str, Any] = {"kind": "multi"}
        context |= {f"k{n}": {"key": "x"} for n in range(MOST_UNITS + 1)}
        heard = hear({"context": context, "events": [a_custom()]})

        assert [fault.path for fault in heard.faults] == ["$.events[0].unit"]

    def test_context_of_long_keys(self) -> None:
        """A context is told once and goes up with each event: its parent can read all of them."""
        kinds = {f"{n}{'k' * 255}": {"key": "🙂" * 512} for n in range(MOST_UNITS)}
        body = {"context": {"kind": "multi", **kinds}, "events": [a_custom()] * MOST_TOLD}
        heard = hear(body)
        [batch] = parcel_batches(
            {SHOP: [a_parcel(*heard.custom)]}, node="edge", at=NOON, random=secrets.token_bytes
        )

        assert unpack(pack(batch)) == batch
        assert heard.taken > 0
        assert {fault.path.partition("]")[2] for fault in heard.faults} == {".unit"}

    @pytest.mark.parametrize(
        "body",
        [
            [],
            {},
            {"events": None},
            {"events": [a_custom()] * (MOST_TOLD + 1)},
            {"events": [], "id": "too-short"},
            {"events": [], "id": "x" * 65},
            {"events": [], "id": "sixteen characters"},
            {"events": [], "sentAt": -1},
            {"events": [], "context": []},
            {"events": [], "context": {"kind": "no such kind"}},
        ],
        ids=lambda body: json.dumps(body)[:40],
    )
    def test_no_body(self, body: object) -> None:
        """A body that is none is refused as a whole."""
        with pytest.raises(BadInput):
            hear(body)


class TestClocks:
    @given(
        st.integers(0, 2**53 - 1),
        st.integers(0, 2**53 - 1) | st.none(),
        st.integers(0, 2**53 - 1) | st.none(),
    )
    def test_bounded(self, now: int, sent_at: int | None, at: int | None) -> None:
        """Whatever a clock says, an event that is taken is of the last week."""
        body = {"sentAt": sent_at, "events": [a_custom(at=at)]}
        for event in hear(body, now=now).custom:
            assert now - OLDEST_MS <= event.at <= now

    @given(st.integers(NOON - 10**11, NOON + 10**11), st.integers(0, OLDEST_MS))
    def test_put_right(self, sent_at: int, ago: int) -> None:
        """However wrong a clock is, it tells how long ago an event was."""
        body = {"sentAt": sent_at, "events": [a_custom(at=sent_at - ago)]}

        assert [event.at for event in hear(body).custom] == [NOON - ago]
