"""An explanation answers what evaluation answers, whatever it is asked, and fits in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.explain import explain
from pennon.evaluation.explain_steps import Explanation, FaultStep
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Memberships
from pennon.model.context import Context
from pennon.model.flag import Flag
from pennon.model.members import Membership
from pennon.model.segment import External, Segment
from tests.builders.flags import (
    a_clause,
    a_context,
    a_flag,
    a_rule,
    a_ruleset,
    a_segment,
    a_segment_rule,
    in_segment,
    requiring,
)
from tests.conformance.cases import cases_of
from tests.evaluation import strategies

Environment = tuple[dict[str, Flag], dict[str, Segment]]


def asking(known: Mapping[str, Mapping[str, str]] | None) -> Memberships | None:
    """Return the memberships that a case gives."""
    if known is None:
        return None
    return lambda segment, key: Membership(known.get(segment, {}).get(key, "unanswered"))


def described(value: msgspec.Struct) -> bytes:
    """Return a detail in a form in which NaN equals itself."""
    return msgspec.json.encode(value)


class TestAnswersAsEvaluation:
    @pytest.mark.parametrize("case", cases_of("evaluation"))
    def test_on_every_conformance_case(self, case: Mapping[str, Any]) -> None:
        """Each field of the detail is the same, for each flag of the case."""
        segments = case.get("segments", {})
        ruleset = Ruleset.from_datafile({"flags": case["flags"], "segments": segments})
        for asked in case["evaluations"]:
            context = Context.of(asked["context"])
            memberships = asking(asked.get("memberships"))

            for key in {asked["flag"], *ruleset}:
                explanation = explain(ruleset, key, context, memberships)

                assert explanation.detail == evaluate(ruleset, key, context, memberships)

    @pytest.mark.parametrize("case", cases_of("clauses"))
    def test_on_every_condition_of_the_conformance_cases(self, case: Mapping[str, Any]) -> None:
        """Conditions are explained with the outcome that they have."""
        flag = msgspec.convert(
            {
                "key": "f",
                "type": "boolean",
                "enabled": True,
                "rules": [{"id": "r", "when": case["when"], "serve": {}}],
                "default": {},
            },
            Flag,
        )
        ruleset = Ruleset.from_datafile(
            {"flags": {"f": flag}, "segments": case.get("segments", {})}
        )
        context = Context.of(case["context"])

        explanation = explain(ruleset, "f", context)

        assert explanation.detail == evaluate(ruleset, "f", context)

    @settings(max_examples=300)
    @given(strategies.environments, strategies.contexts)
    def test_on_any_environment(self, environment: Environment, context: Context) -> None:
        """Cycles, faults, external segments and odd attributes included."""
        ruleset = Ruleset.of(1, *environment)

        for key in strategies.KEYS:
            explained = explain(ruleset, key, context).detail

            assert described(explained) == described(evaluate(ruleset, key, context))

    @given(strategies.environments, strategies.contexts, st.data())
    def test_with_any_memberships(
        self, environment: Environment, context: Context, data: st.DataObject
    ) -> None:
        """Whatever is known of external members, unanswered questions included."""
        ruleset = Ruleset.of(1, *environment)
        segments = st.sampled_from(strategies.KEYS)
        known = data.draw(st.dictionaries(segments, st.sampled_from(list(Membership))))

        def ask(segment: str, key: str) -> Membership:
            return known.get(segment, Membership.UNLISTED)

        for key in strategies.KEYS:
            explained = explain(ruleset, key, context, ask).detail

            assert described(explained) == described(evaluate(ruleset, key, context, ask))

    def test_where_a_chain_of_segments_is_remembered(self) -> None:
        """A chain that is too deep at first sight is not when its end is known already."""
        chain = [
            a_segment(f"s{index}", rules=(a_segment_rule(in_segment(f"s{index + 1}")),))
            for index in range(40)
        ]
        rules = (a_rule(in_segment("s20")), a_rule(in_segment("s1")))
        ruleset = a_ruleset(
            a_flag("a", rules=rules),
            a_flag("b", rules=rules, requires=(requiring("c", "off"),)),
            a_flag("c"),
            *chain,
        )

        for key in ("a", "b"):
            explanation = explain(ruleset, key, a_context())

            assert explanation.detail == evaluate(ruleset, key, a_context())


class TestNeverRaises:
    @given(strategies.json, strategies.json, strategies.contexts)
    def test_on_json_of_any_shape(self, flag: Any, segment: Any, context: Context) -> None:
        """What is not a flag has one step, which names the fault."""
        ruleset = Ruleset(1)
        ruleset.set_flag("a", encoded({"x": flag}), 1)
        ruleset.set_flag("b", a_flag("b", rules=(a_rule(in_segment("a")),)), 1)
        ruleset.set_segment("a", encoded(segment), 1)

        assert isinstance(explain(ruleset, "a", context).steps[0], FaultStep)
        assert explain(ruleset, "b", context).detail == evaluate(ruleset, "b", context)


def encoded(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return b'"\\ud800"'


class TestJson:
    @given(strategies.environments, st.dictionaries(st.text(), strategies.attributes))
    def test_an_explanation_can_be_sent(
        self, environment: Environment, attributes: dict[str, Any]
    ) -> None:
        """Lone surrogates, NaN and huge integers of the context do not keep it from being JSON."""
        ruleset = Ruleset.of(1, *environment)

        for key in strategies.KEYS:
            explanation = explain(ruleset, key, Context({"user": attributes}))

            sent = msgspec.json.encode(explanation)
            assert msgspec.json.encode(msgspec.json.decode(sent, type=Explanation)) == sent

    def test_a_context_is_shown_in_small(self) -> None:
        """A megabyte of attribute is not sent back."""
        rules = (a_rule(a_clause("x", "in", "a")),)
        ruleset = a_ruleset(a_flag(rules=rules, requires=()))
        huge = {"x" * 1000: ["y" * 1000] * 1000, "deep": [[[[[[["z"]]]]]]]}

        explanation = explain(ruleset, "f", a_context(x=[huge] * 1000))

        assert len(msgspec.json.encode(explanation)) < 200_000

    def test_a_diamond_of_prerequisites_is_told_once(self) -> None:
        """Thirty layers that are each asked twice are thirty traces."""
        layers = [
            a_flag(
                f"f{index}",
                requires=(requiring(f"f{index + 1}", "off"), requiring(f"f{index + 1}", "off")),
            )
            for index in range(30)
        ]

        explanation = explain(a_ruleset(*layers, a_flag("f30")), "f0", a_context())

        assert sorted(explanation.flags) == sorted(f"f{index}" for index in range(1, 31))

    def test_an_external_segment_says_that_nobody_answered(self) -> None:
        """Without memberships the question is open, and the detail says so."""
        segment = a_segment(external=External())
        flag = a_flag(rules=(a_rule(in_segment("s")),))

        explanation = explain(a_ruleset(flag, segment), "f", a_context())

        assert explanation.detail.membership_unknown
        assert explanation.segments["s"].membership is Membership.UNANSWERED
