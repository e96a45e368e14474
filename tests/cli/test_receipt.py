"""`--wait`: who has a change, asked until all have it or time is up."""

from __future__ import annotations

from typing import Any

import httpx2
import msgspec
import pytest

from pennon.cli.api_client import ApiClient
from pennon.cli.connection import Target
from pennon.cli.receipt import ReceiptView, receipt_text, seconds_of, wait_for_all, watch
from pennon.errors import BadInput, PennonError
from tests.builders.relay import Clock

ADDRESS = "/api/v1/projects/shop/environments/production/versions/7/propagation"


def a_receipt(applied: int, *missing: str, **fields: Any) -> dict[str, Any]:
    """Return a receipt as the API shows it."""
    return {
        "version": 7,
        "expected": applied + len(missing),
        "applied": applied,
        "complete": not missing,
        "missing": list(missing),
        **fields,
    }


class Origin:
    """Answers with one receipt after the other, the last one for ever; each takes a second."""

    def __init__(self, *receipts: dict[str, Any]) -> None:
        self._receipts = list(receipts)
        self.clock = Clock()
        self.waits: list[float] = []
        target = Target(url="http://origin.test", token="t", project="shop", environment="p")
        self.client = ApiClient(target, httpx2.MockTransport(self._answer))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == ADDRESS
        self.waits.append(float(request.url.params["wait"]))
        self.clock.now += 1.0
        receipt = self._receipts.pop(0) if len(self._receipts) > 1 else self._receipts[0]
        return httpx2.Response(200, content=msgspec.json.encode(receipt))


def watched(origin: Origin, seconds: float) -> tuple[ReceiptView, list[str]]:
    """Return the last receipt, and what was told on the way."""
    told: list[str] = []
    receipt, _ = watch(origin.client, ADDRESS, seconds, told.append, origin.clock)
    return receipt, told


class TestWatching:
    def test_until_all_have_it(self) -> None:
        """Each news is told once, until the receipt is complete."""
        origin = Origin(
            a_receipt(0, "ams", "fra"), *[a_receipt(1, "fra")] * 2, a_receipt(2, p99Ms=310)
        )
        receipt, told = watched(origin, 30)

        assert receipt.complete
        assert told == [
            "v7 live on 0/2 PoPs, missing: ams, fra",
            "v7 live on 1/2 PoPs, missing: fra",
            "v7 live on 2/2 PoPs, p99 310 ms",
        ]

    def test_until_time_is_up(self) -> None:
        """Nobody waits for longer than was asked, in no single question either."""
        origin = Origin(a_receipt(1, "fra"))
        receipt, _ = watched(origin, 2.5)

        assert not receipt.complete
        assert origin.waits == [1.0, 1.0, 0.5]

    def test_fails(self) -> None:
        """A command whose change did not arrive everywhere says where it is missing."""
        origin = Origin(a_receipt(1, "fra"))

        with pytest.raises(PennonError, match=r"After 0.001 s v7 live on 1/2 PoPs, missing: fra\."):
            wait_for_all(origin.client, b"{}", ADDRESS, 0.001, json=False)

    def test_for_programs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The change and its receipt are one line, and nothing else is said."""
        wait_for_all(Origin(a_receipt(1)).client, b'{"key":"a"}', ADDRESS, 5, json=True)
        out, err = capsys.readouterr()

        assert msgspec.json.decode(out) == {"change": {"key": "a"}, "receipt": a_receipt(1)}
        assert err == ""


class TestWords:
    def test_nobody_follows(self) -> None:
        """Where nobody follows there is nothing to wait for, and that is said."""
        receipt = ReceiptView(version=7, expected=0, applied=0, complete=True)

        assert receipt_text(receipt) == "v7: no PoP follows this environment"

    def test_many_are_missing(self) -> None:
        """Some are named, the others counted."""
        missing = tuple(f"pop-{n}" for n in range(12))
        receipt = ReceiptView(version=7, expected=12, applied=0, complete=False, missing=missing)

        assert receipt_text(receipt).endswith("pop-9 and 2 more")

    @pytest.mark.parametrize(("wait", "seconds"), [(False, None), (True, 30.0), (2.5, 2.5)])
    def test_how_long(self, wait: bool | float, seconds: float | None) -> None:
        """Half a minute, unless something else is said."""
        assert seconds_of(wait) == seconds

    @pytest.mark.parametrize("wait", [0.0, -1.0, 1e9, float("nan")])
    def test_nonsense(self, wait: float) -> None:
        """A time that is none is refused before anything is changed."""
        with pytest.raises(BadInput, match="--wait"):
            seconds_of(wait)
