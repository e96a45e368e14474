"""`launchdarkly-server-sdk`, fed from memory: no network and no events."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from threading import Event
from typing import Any

from ldclient import Context, LDClient
from ldclient.config import Config
from ldclient.interfaces import FeatureStore, UpdateProcessor
from ldclient.versioned_data_kind import FEATURES, SEGMENTS

from benchmarks.evaluate import cases
from benchmarks.evaluate.engines import Calls


def calls() -> Calls:
    builder = Context.builder(cases.KEY)
    for name, value in cases.ATTRIBUTES.items():
        builder.set(name, value)
    context = builder.build()
    flags, segments = _flags(), _segments()
    many = {
        f"flag-{index}": {**flags[cases.flag_of_many(index)], "key": f"flag-{index}"}
        for index in range(cases.MANY)
    }
    few = client({"flags": flags, "segments": segments})
    everything = client({"flags": many, "segments": segments})
    one = {
        case.name: partial(few.variation, case.flag, context, None)
        for case in cases.CASES
        if case.flag is not None
    }
    return {**one, "all": partial(everything.all_flags_state, context)}


def value_of(answer: Any) -> object:
    """Return the value in what a call returned, or the values by flag."""
    return answer if isinstance(answer, bool) else answer.to_values_map()


def client(data: Mapping[str, Any], store: FeatureStore | None = None) -> LDClient:
    """Return a client of *data*, `flags` and `segments` by key, which it keeps in *store*."""

    class InMemory(UpdateProcessor):
        def __init__(self, config: Any, store: Any, ready: Event) -> None:
            self._store, self._ready = store, ready

        def start(self) -> None:
            self._store.init({FEATURES: data["flags"], SEGMENTS: data["segments"]})
            self._ready.set()

        def stop(self) -> None:
            pass

        def is_alive(self) -> bool:
            return True

        def initialized(self) -> bool:
            return True

    return LDClient(
        Config(
            "sdk-key",
            feature_store=store,
            update_processor_class=InMemory,
            send_events=False,
            diagnostic_opt_out=True,
        )
    )


def _segments() -> dict[str, Any]:
    rules = [{"id": f"r{i}", "clauses": _clauses(rule)} for i, rule in enumerate(_SEGMENT)]
    return {"pros": {"key": "pros", "version": 1, "salt": "s", "rules": rules}}


_SEGMENT = cases.SEGMENT_RULES


def _flags() -> dict[str, dict[str, Any]]:
    half = {"variations": [{"variation": 0, "weight": 50_000}, {"variation": 1, "weight": 50_000}]}
    segment = {"attribute": "", "op": "segmentMatch", "values": ["pros"], "negate": False}
    rules = [_rule(f"r{index}", _clauses(rule)) for index, rule in enumerate(cases.RULES)]
    return {
        "off": flag("off", on=False),
        "on": flag("on", fallthrough={"variation": 0}),
        "rules": flag("rules", rules=rules),
        "list": flag("list", rules=[_rule("r", _clauses([("key", cases.LISTED)]))]),
        "split": flag("split", fallthrough={"rollout": half}),
        "segment": flag("segment", rules=[_rule("r", [segment])]),
    }


def flag(key: str, **changes: Any) -> dict[str, Any]:
    """Return a boolean flag that serves false."""
    return {
        "key": key,
        "version": 1,
        "on": True,
        "variations": [True, False],
        "offVariation": 1,
        "fallthrough": {"variation": 1},
        "salt": "salt",
        "rules": [],
        "targets": [],
        "contextTargets": [],
        "prerequisites": [],
        **changes,
    }


def _rule(id: str, clauses: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": id, "clauses": clauses, "variation": 0}


def _clauses(clauses: list[tuple[str, list[str]]]) -> list[dict[str, Any]]:
    return [
        {"attribute": name, "op": "in", "values": values, "negate": False}
        for name, values in clauses
    ]
