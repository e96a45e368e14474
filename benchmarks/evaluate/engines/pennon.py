"""Pennon."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.evaluate import cases
from benchmarks.evaluate.engines import Calls
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.ruleset import Ruleset
from pennon.model.context import Context
from pennon.model.detail import Detail


def calls() -> Calls:
    context = Context({"user": {"key": cases.KEY, **cases.ATTRIBUTES}})
    ruleset = Ruleset.from_datafile(_datafile(_flags()))
    many = {
        f"flag-{index}": {**_flags()[cases.flag_of_many(index)], "key": f"flag-{index}"}
        for index in range(cases.MANY)
    }
    everything = Ruleset.from_datafile(_datafile(many))
    one = {
        case.name: partial(evaluate, ruleset, case.flag, context)
        for case in cases.CASES
        if case.flag is not None
    }
    return {**one, "all": partial(evaluate_all, everything, context)}


def value_of(answer: object) -> object:
    """Return the value in what a call returned, or the values by flag."""
    if isinstance(answer, list):
        return {detail.flag: detail.value for detail in answer}
    assert isinstance(answer, Detail)
    return answer.value


def _datafile(flags: dict[str, Any]) -> dict[str, Any]:
    rules = [{"id": f"r{index}", "when": _when(rule)} for index, rule in enumerate(_SEGMENT)]
    return {"flags": flags, "segments": {"pros": {"key": "pros", "salt": "s", "rules": rules}}}


_SEGMENT = cases.SEGMENT_RULES


def _flags() -> dict[str, dict[str, Any]]:
    half = [{"variation": "on", "weight": 50_000}, {"variation": "off", "weight": 50_000}]
    listed = [{"attribute": "key", "op": "in", "values": cases.LISTED}]
    rules = [_rule(f"r{index}", _when(rule)) for index, rule in enumerate(cases.RULES)]
    return {
        "off": flag("off", enabled=False),
        "on": flag("on", default={"variation": "on"}),
        "rules": flag("rules", rules=rules),
        "list": flag("list", rules=[_rule("r", listed)]),
        "split": flag("split", default={"split": half}),
        "segment": flag("segment", rules=[_rule("r", [{"segment": "pros"}])]),
    }


def flag(key: str, **changes: Any) -> dict[str, Any]:
    """Return a boolean flag that serves false."""
    return {
        "key": key,
        "type": "boolean",
        "version": 1,
        "enabled": True,
        "variations": [{"name": "on", "value": True}, {"name": "off", "value": False}],
        "off": "off",
        "default": {"variation": "off"},
        "salt": "salt",
        **changes,
    }


def _rule(id: str, when: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": id, "when": when, "serve": {"variation": "on"}}


def _when(clauses: list[tuple[str, list[str]]]) -> list[dict[str, Any]]:
    return [{"attribute": name, "op": "in", "values": values} for name, values in clauses]
