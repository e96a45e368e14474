"""
Contexts that the official Python SDK reads otherwise than we do.

No conversion of a flag can guard these; `docs/decisions/0050-exact-or-refused.md` names them.
"""

from __future__ import annotations

from typing import Any

import pytest

from pennon.evaluation.evaluate import evaluate
from pennon.model.context import Context
from pennon.model.flag import Condition, Flag
from tests.builders.flags import a_clause, a_flag, a_rule, a_ruleset
from tests.builders.launchdarkly import Json, exported_flag
from tests.fuzz.guards import Diverges, for_sdk
from tests.fuzz.sdk import SdkEvaluator, missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

ADA: Json = {"kind": "user", "key": "ada"}


def _where(condition: Condition) -> Flag:
    return a_flag(rules=(a_rule(condition),))


def _ours(context: Json, flag: Flag) -> str:
    return evaluate(a_ruleset(flag), flag.key, Context.of(context)).reason


def _exported(context: Json, flag: Flag) -> str:
    answer = SdkEvaluator({flag.key: exported_flag(flag)}, {}).answer(flag.key, context)
    return str(answer["reason"])


class TestContexts:
    """Each is kept out of the comparison, and shown here."""

    @pytest.mark.parametrize(
        "value", ["pro\n", "1\n", 2**53 + 1, "2020-01-01T00:00Z", "x" * 5_000, "\ud800", 10**400]
    )
    def test_the_fuzz_keeps_from_them(self, value: Any) -> None:
        """A final newline, integers beyond 2**53, dates in other forms, very long texts."""
        context = {**ADA, "a": value}

        with pytest.raises(Diverges):
            for_sdk(context)

    @pytest.mark.parametrize(
        ("clause", "value"),
        [
            (a_clause("a", "matches", "o$"), "pro\n"),
            (a_clause("a", "semVerEqual", "1.0.0"), "1\n"),
            (a_clause("a", "after", 0), "2020-01-01T00:00Z"),
            (a_clause("a", "matches", "x"), "x" * 5_000),
        ],
    )
    def test_the_sdk_finds_more_than_we_do(self, clause: Condition, value: Any) -> None:
        """It matches; we do not."""
        context = {**ADA, "a": value}

        assert _exported(context, _where(clause)) == "RULE_MATCH"
        assert _ours(context, _where(clause)) == "FALLTHROUGH"

    def test_the_sdk_keeps_integers_exactly(self) -> None:
        """To us, and to JSON in most languages, 2**53 + 1 is 2**53."""
        flag, context = _where(a_clause("a", "in", 2**53)), {**ADA, "a": 2**53 + 1}

        assert _exported(context, flag) == "FALLTHROUGH"
        assert _ours(context, flag) == "RULE_MATCH"
