from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from pennon.evaluation.equality import json_equal
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.reasons import openfeature_reason
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Memberships
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.members import Membership
from tests.conformance.cases import cases_of

_FREE_TEXT = ("flag", "errorMessage")


@pytest.mark.parametrize("case", cases_of("evaluation"))
def test_a_datafile_answers_as_the_case_says(case: Mapping[str, Any]) -> None:
    """Every field of the detail is as expected, and no other field is set."""
    ruleset = Ruleset.from_datafile(
        {"flags": case["flags"], "segments": case.get("segments", {})},
    )
    for asked in case["evaluations"]:
        context = Context.of(asked["context"])
        memberships = _memberships(asked.get("memberships"))

        detail = evaluate(ruleset, asked["flag"], context, memberships)

        assert json_equal(_fields(detail), _filled(asked["expect"])), (asked, detail)
        assert detail.flag == asked["flag"]
        if "openfeature" in asked:
            assert openfeature_reason(detail, ruleset) == asked["openfeature"]


@pytest.mark.parametrize("case", cases_of("evaluation"))
def test_all_flags_answer_as_each_of_them(case: Mapping[str, Any]) -> None:
    """`evaluate_all` gives what `evaluate` gives for each flag, in order."""
    ruleset = Ruleset.from_datafile(
        {"flags": case["flags"], "segments": case.get("segments", {})},
    )
    for asked in case["evaluations"]:
        context = Context.of(asked["context"])

        details = evaluate_all(ruleset, context)

        assert details == [evaluate(ruleset, key, context) for key in ruleset]


@pytest.mark.parametrize("case", cases_of("clauses"))
def test_conditions_match_as_the_case_says(case: Mapping[str, Any]) -> None:
    """A rule with the case's conditions matches, does not match, or is malformed."""
    flag = {
        "key": "f",
        "type": "string",
        "enabled": True,
        "variations": [{"name": "yes", "value": "yes"}, {"name": "no", "value": "no"}],
        "rules": [{"id": "r", "when": case["when"], "serve": {"variation": "yes"}}],
        "default": {"variation": "no"},
    }
    ruleset = Ruleset.from_datafile({"flags": {"f": flag}, "segments": case.get("segments", {})})

    detail = evaluate(ruleset, "f", Context.of(case["context"]))

    expected = {
        True: ("yes", "RULE_MATCH", None),
        False: ("no", "FALLTHROUGH", None),
        "PARSE_ERROR": (None, "ERROR", "PARSE_ERROR"),
    }
    assert (detail.variation, detail.reason, detail.error_code) == expected[case["match"]]


def _fields(detail: Detail) -> dict[str, Any]:
    fields = msgspec.to_builtins(detail)
    return _filled({name: value for name, value in fields.items() if name not in _FREE_TEXT})


def _filled(expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return a detail with its defaults written out."""
    absent = dict.fromkeys(
        ("variation", "index", "value", "ruleId", "ruleIndex", "prerequisite", "errorCode")
    )
    unset = dict.fromkeys(("split", "inExperiment", "membershipUnknown"), False)
    return {**absent, **unset, "version": 0, **expected}


def _memberships(known: Mapping[str, Mapping[str, str]] | None) -> Memberships | None:
    if known is None:
        return None

    def ask(segment: str, key: str) -> Membership:
        return Membership(known.get(segment, {}).get(key, "unanswered"))

    return ask
