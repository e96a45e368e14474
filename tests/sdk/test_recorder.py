"""What is taken down, by every thread, and what there is no room for."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from msgspec import json

from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.ruleset import Ruleset
from pennon.model.context import Context
from pennon.sdk.held import Held
from pennon.sdk.recorder import MANY, Recorder
from tests.builders.sdk import a_flag_of

ADA = Context.of({"targetingKey": "ada", "email": "ada@example.com"})
MINUTE = 1_795_348_800_000


class Taken:
    """A recorder of a few flags, asked from the outside."""

    def __init__(self) -> None:
        self.held = Held()
        flags = (
            a_flag_of("plain", "boolean", True),
            a_flag_of("tracked", "boolean", True, track="all"),
        )
        self.held.load(Ruleset.of(1, {flag.key: flag for flag in flags}, {}))
        self.recorder = Recorder(self.held, lambda: MINUTE + 7)

    def ask(self, flag: str, context: Context = ADA) -> None:
        """Have an evaluation counted."""
        self.recorder.count(evaluate(self.held.ruleset, flag, context), context)

    def take(self) -> list[dict[str, Any]]:
        """Return what is told."""
        return [json.decode(event) for event in self.recorder.take()]


@pytest.fixture
def taken() -> Taken:
    """Give a recorder."""
    return Taken()


class TestCounts:
    def test_threads(self, taken: Taken) -> None:
        """No thread's evaluations are lost to another's, and none is told twice."""

        def ask() -> None:
            for _ in range(3_000):
                taken.ask("plain")

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        told = []
        while any(thread.is_alive() for thread in threads):
            told += taken.take()
        for thread in threads:
            thread.join()
        told += taken.take()

        assert sum(event["count"] for event in told) == 12_000

    def test_what_is_told(self, taken: Taken) -> None:
        """A flag's variation and reason, as of the minute; a flag that there is not is not told."""
        taken.ask("plain")
        taken.ask("no-such-flag")

        assert taken.take() == [
            {
                "kind": "evaluations",
                "at": MINUTE,
                "flag": "plain",
                "variation": "v0",
                "reason": "FALLTHROUGH",
                "count": 1,
            }
        ]


class TestExposures:
    def test_once(self, taken: Taken) -> None:
        """Whom a tracked flag serves is told once, by kind and key alone."""
        for _ in range(3):
            taken.ask("tracked")
        told = [event for event in taken.take() if event["kind"] == "exposure"]

        assert told == [
            {
                "kind": "exposure",
                "at": MINUTE + 7,
                "flag": "tracked",
                "variation": "v0",
                "version": 7,
                "unit": {"key": "ada"},
            }
        ]
        assert not taken.recorder.take()

    def test_nobody(self, taken: Taken) -> None:
        """A context without a key is nobody who can be told of."""
        taken.ask("tracked", Context.of({}))

        assert [event["kind"] for event in taken.take()] == ["evaluations"]


class TestCustom:
    def test_told(self, taken: Taken) -> None:
        """An event is told with its properties, and of its context the keys by kind."""
        many = Context.of(
            {"kind": "multi", "user": {"key": "ada"}, "organization": {"key": "acme"}}
        )
        taken.recorder.track("purchase", many, 9.5, {"currency": "EUR"})

        assert taken.take() == [
            {
                "kind": "custom",
                "at": MINUTE + 7,
                "name": "purchase",
                "value": 9.5,
                "properties": {"currency": "EUR"},
                "units": {"user": "ada", "organization": "acme"},
            }
        ]

    @pytest.mark.parametrize(
        ("name", "value", "properties"),
        [
            ("purchase", 10**400, {}),
            ("", None, {}),
            ("x" * 129, None, {}),
            ("purchase", "much", {}),
            ("purchase", None, {"nested": {"a": 1}}),
            ("purchase", None, {"large": "x" * 5_000}),
            ("purchase", None, {"object": object()}),
            ("purchase", float("nan"), {}),
        ],
    )
    def test_wrong(self, taken: Taken, name: str, value: Any, properties: Any) -> None:
        """What cannot be told is dropped, counted, and raises nothing."""
        taken.recorder.track(name, ADA, value, properties)

        assert taken.take() == []
        assert taken.recorder.dropped["custom"] == 1

    def test_bounded(self, taken: Taken) -> None:
        """Where nothing can be told, what there is no room for is counted."""
        for _ in range(10_050):
            taken.recorder.track("shown", ADA, None, {})

        assert taken.recorder.has_many
        assert taken.recorder.dropped["custom"] == 50
        assert len(taken.take()) == 10_000 > MANY
