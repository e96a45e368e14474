"""What each step of an explanation tells."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.evaluation.explain import explain
from pennon.evaluation.explain_steps import (
    AnyNode,
    Bucket,
    ClauseNode,
    ConditionNode,
    DefaultStep,
    EnabledStep,
    MalformedNode,
    NotNode,
    PrerequisiteStep,
    RuleStep,
    SegmentNode,
    SegmentTrace,
    Served,
    Step,
    TargetStep,
)
from pennon.evaluation.explain_values import shown
from pennon.model.context import Context
from pennon.model.flag import Condition, Flag, Serve
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
    a_target,
    any_of,
    in_segment,
    members,
    not_,
    requiring,
    splitting,
)
from tests.evaluation import strategies

ADA = a_context()


def steps_of(*items: Flag | Segment, context: Context = ADA) -> tuple[Step, ...]:
    """Return the steps of the first of *items*, after the one that says that it is enabled."""
    return explain(a_ruleset(*items), items[0].key, context).steps[1:]


def told(condition: Condition, context: Context = ADA) -> ConditionNode:
    """Return how *condition* is explained."""
    (rule, *_) = steps_of(a_flag(rules=(a_rule(condition),)), context=context)
    assert isinstance(rule, RuleStep)
    return rule.when[0]


def clause_told(condition: Condition, context: Context = ADA) -> ClauseNode:
    node = told(condition, context)
    assert isinstance(node, ClauseNode)
    return node


def served(serve: Serve, context: Context = ADA) -> Served:
    """Return how a flag's default is explained."""
    step = steps_of(a_flag(default=serve), context=context)[-1]
    assert isinstance(step, DefaultStep)
    return step.serves


def bucket_of(serve: Serve, context: Context = ADA) -> Bucket:
    bucket = served(serve, context).bucket
    assert bucket is not None
    return bucket


class TestFlag:
    """The order of evaluation is the order of the steps, and the last one decided."""

    def test_a_disabled_flag_has_one_step(self) -> None:
        """Nothing else was asked."""
        explanation = explain(a_ruleset(a_flag(enabled=False)), "f", ADA)

        assert explanation.steps == (EnabledStep(holds=False),)

    def test_an_unknown_flag_has_none(self) -> None:
        """The detail says it all."""
        explanation = explain(a_ruleset(), "f", ADA)

        assert (explanation.detail.error_code, explanation.steps) == ("FLAG_NOT_FOUND", ())

    def test_what_did_not_match_stands_before_what_did(self) -> None:
        """Targets, then rules, then the default."""
        flag = a_flag(targets=(a_target("on", "bob"),), rules=(a_rule(a_clause("x", "exists")),))

        steps = steps_of(flag)

        assert [type(step) for step in steps] == [TargetStep, RuleStep, DefaultStep]

    def test_what_matched_is_the_last_step(self) -> None:
        """Rules behind the one that matched were not asked."""
        steps = steps_of(a_flag(rules=(a_rule(id="all"), a_rule(id="never"))))

        assert steps == (RuleStep(index=0, id="all", holds=True, serves=Served(variation="on")),)

    def test_conditions_that_were_not_asked_are_counted(self) -> None:
        """A rule stops at the first condition that does not hold."""
        (rule, _) = steps_of(a_flag(rules=(a_rule(a_clause("x", "exists"), in_segment("s")),)))

        assert isinstance(rule, RuleStep)
        assert (len(rule.when), rule.unasked, rule.holds) == (1, 1, False)

    def test_a_target_says_which_key_it_looked_for(self) -> None:
        """The kind that is missing is told apart from the key that is not listed."""
        targets = (a_target("on", "bob", "eve"), a_target("on", "acme", kind="organization"))

        (first, second, _) = steps_of(a_flag(targets=targets))

        assert isinstance(first, TargetStep)
        assert isinstance(second, TargetStep)
        assert (first.count, first.key, first.missing, first.holds) == (2, "ada", None, False)
        assert (second.key, second.missing) == (None, "kind")

    def test_a_malformed_part_is_named(self) -> None:
        """The rule that holds the fault is the last step."""
        steps = steps_of(a_flag(rules=(a_rule(a_clause("//", "exists")), a_rule())))

        assert isinstance(steps[-1], RuleStep)
        assert (steps[-1].holds, steps[-1].fault) == (None, "the attribute '//'")
        assert isinstance(steps[-1].when[0], MalformedNode)


class TestPrerequisites:
    """Each says what it served, or why it was not asked."""

    @pytest.mark.parametrize(
        ("others", "problem", "variation"),
        [
            ([], "missing", None),
            ([a_flag("g", enabled=False)], "disabled", None),
            ([a_flag("g")], "unlisted", "off"),
            ([a_flag("g", default=Serve(variation="on"))], None, "on"),
        ],
    )
    def test_the_problem_is_named(
        self, others: list[Flag], problem: str | None, variation: str | None
    ) -> None:
        """Missing, disabled and serving something else are three things."""
        (step, *_) = steps_of(a_flag(requires=(requiring("g", "on"),)), *others)

        assert isinstance(step, PrerequisiteStep)
        assert (step.problem, step.served, step.holds) == (problem, variation, problem is None)

    def test_its_own_steps_are_there(self) -> None:
        """What it served is explained like the flag that was asked for."""
        flag = a_flag(requires=(requiring("g", "on"),))
        explanation = explain(a_ruleset(flag, a_flag("g", rules=(a_rule(),))), "f", ADA)

        assert explanation.flags["g"].detail.reason == "RULE_MATCH"
        assert isinstance(explanation.flags["g"].steps[-1], RuleStep)

    def test_a_cycle_is_named(self) -> None:
        """The flag that leads back is the one at fault."""
        flags = (a_flag(requires=(requiring("g"),)), a_flag("g", requires=(requiring("f"),)))

        (step,) = steps_of(*flags)

        assert isinstance(step, PrerequisiteStep)
        assert step.fault == "the prerequisites of 'f' lead back to it"


class TestConditions:
    """Each condition shows what it found."""

    def test_a_clause_shows_what_matched(self) -> None:
        """The value found, and the values of the clause that it equals."""
        node = clause_told(a_clause("plan", "in", "pro", "team"), a_context(plan="team"))

        assert (node.found, node.matched, node.holds) == ("team", ("team",), True)

    def test_negation_comes_after(self) -> None:
        """What matched is shown although the clause does not hold."""
        node = clause_told(a_clause("plan", "in", "pro", negate=True), a_context(plan="pro"))

        assert (node.matched, node.holds) == (("pro",), False)

    @pytest.mark.parametrize(("kind", "missing"), [("user", "attribute"), ("org", "kind")])
    def test_what_is_missing_is_told(self, kind: str, missing: str) -> None:
        """An attribute that is not set is no whole kind that is not there."""
        node = clause_told(a_clause("plan", "in", "pro", kind=kind, negate=True))

        assert (node.missing, node.found, node.holds) == (missing, None, False)

    def test_an_array_shows_which_value_an_element_matched(self) -> None:
        """Any element is enough."""
        node = clause_told(a_clause("tags", "startsWith", "x", "be"), a_context(tags=["a", "beta"]))

        assert (node.found, node.matched) == (["a", "beta"], ("be",))

    def test_a_value_that_cannot_be_compared_is_told(self) -> None:
        """A number is no version, however much it looks like one."""
        node = clause_told(a_clause("v", "semVerLessThan", "4.0.0"), a_context(v=3.1))

        assert node.unfit == "expected a version such as '2.1.0-rc.1'"

    def test_an_operator_that_is_unknown_is_told(self) -> None:
        """It matches nothing, and says why."""
        node = clause_told(a_clause("v", "resembles", "x"), a_context(v="x"))

        assert [fault.split(":")[0] for fault in node.faults] == ["op"]

    def test_the_kinds_of_the_context_are_what_kind_finds(self) -> None:
        """`kind` asks for all of them."""
        node = clause_told(a_clause("kind", "in", "org"), Context({"user": {}, "org": {}}))

        assert (node.found, node.matched, node.holds) == (["user", "org"], ("org",), True)

    def test_any_stops_where_it_is_settled(self) -> None:
        """What comes after the first that holds is counted."""
        node = told(any_of(a_clause("x", "exists"), a_clause("key", "exists"), in_segment("s")))

        assert isinstance(node, AnyNode)
        assert ([part.holds for part in node.parts], node.unasked) == ([False, True], 1)

    def test_not_shows_what_it_turns_round(self) -> None:
        """The part keeps its own outcome."""
        node = told(not_(a_clause("x", "exists")))

        assert isinstance(node, NotNode)
        assert (node.part.holds, node.holds) == (False, True)

    @given(strategies.environments, strategies.contexts)
    def test_a_verdict_is_that_of_its_last_part(self, environment: Any, context: Context) -> None:
        """A rule holds where its last condition that was asked does."""
        ruleset = a_ruleset(*environment[0].values(), *environment[1].values())
        for key in environment[0]:
            for step in explain(ruleset, key, context).steps:
                if isinstance(step, RuleStep) and step.when:
                    assert step.holds is step.when[-1].holds


class TestSegments:
    """Each segment that was asked stands once beside the steps."""

    @pytest.mark.parametrize(
        ("segment", "holds", "by"),
        [
            (a_segment(include=(members("ada"),)), True, "include"),
            (a_segment(exclude=(members("ada"),)), False, "exclude"),
            (a_segment(rules=(a_segment_rule(),)), True, "rules"),
            (a_segment(), False, "rules"),
            (a_segment("other"), False, "missing"),
            (a_segment(external=External(kind="org")), False, "external"),
        ],
    )
    def test_it_says_what_decided(self, segment: Segment, holds: bool, by: str) -> None:
        """Lists, rules, or nothing at all."""
        ruleset = a_ruleset(a_flag(rules=(a_rule(in_segment("s")),)), segment)

        trace = explain(ruleset, "f", ADA).segments["s"]

        assert (trace.holds, trace.by) == (holds, by)

    def test_negation_belongs_to_the_condition(self) -> None:
        """The segment's own trace does not know of it."""
        flag = a_flag(rules=(a_rule(in_segment("s", negate=True)),))
        explanation = explain(a_ruleset(flag, a_segment()), "f", ADA)

        (rule,) = explanation.steps[1:]

        assert isinstance(rule, RuleStep)
        assert rule.when == (SegmentNode(segment="s", negate=True, holds=True),)
        assert explanation.segments["s"].holds is False

    def test_a_share_says_where_the_context_falls(self) -> None:
        """Inside the share or outside, by the same bucket that decided."""
        segment = a_segment(rules=(a_segment_rule(weight=50_000),))
        flag = a_flag(rules=(a_rule(in_segment("s")),))
        trace = explain(a_ruleset(flag, segment), "f", ADA).segments["s"]

        (rule,) = trace.rules

        assert rule.share is not None
        assert (rule.share.text, rule.share.high) == ("s.salt.ada", 0.5)
        assert rule.holds is (rule.share.at < 0.5)

    def test_what_is_known_of_an_external_member_is_told(self) -> None:
        """Unlisted leaves it to the rules."""
        segment = a_segment(external=External(), rules=(a_segment_rule(),))
        ruleset = a_ruleset(a_flag(rules=(a_rule(in_segment("s")),)), segment)

        explanation = explain(ruleset, "f", ADA, lambda segment, key: Membership.UNLISTED)

        trace = explanation.segments["s"]
        assert (trace.membership, trace.by) == (Membership.UNLISTED, "rules")

    def test_a_cycle_is_named(self) -> None:
        """The segment that leads back is the one at fault."""
        segment = a_segment(rules=(a_segment_rule(in_segment("s")),))
        ruleset = a_ruleset(a_flag(rules=(a_rule(in_segment("s")),)), segment)

        trace = explain(ruleset, "f", ADA).segments["s"]

        assert (trace.holds, trace.fault) == (None, "the segment 's' leads back to itself")

    def test_a_segment_that_could_not_be_read_is_named(self) -> None:
        """Its fault is that of the condition."""
        ruleset = a_ruleset(a_flag(rules=(a_rule(in_segment("s")),)))
        ruleset.set_segment("s", b"[]", 2)

        trace = explain(ruleset, "f", ADA).segments["s"]

        assert trace == SegmentTrace(holds=None, by=None, fault=trace.fault)
        assert "malformed" in (trace.fault or "")


class TestSplits:
    """A split shows the bucket, and the range of the entry that it chose."""

    def test_the_known_bucket(self) -> None:
        """The figure that every evaluator agrees on."""
        flag = a_flag("hashKey", salt="saltyA", default=splitting(("on", 50_000), ("off", 50_000)))

        (step,) = steps_of(flag, context=a_context("userKeyA"))

        assert isinstance(step, DefaultStep)
        assert step.serves.bucket is not None
        assert step.serves.bucket.text == "hashKey.saltyA.userKeyA"
        assert round(step.serves.bucket.at, 8) == 0.42157587

    def test_a_seed_takes_the_place_of_key_and_salt(self) -> None:
        """What is hashed is shown as it is."""
        bucket = bucket_of(splitting(("on", 50_000), ("off", 50_000), seed=61))

        assert bucket.text == "61.ada"

    @given(st.lists(st.integers(0, 60_000), min_size=1, max_size=5), st.text(min_size=1))
    def test_the_bucket_lies_in_the_range(self, weights: list[int], key: str) -> None:
        """From the beginning of the entry to below its end."""
        entries = [("on", weight) for weight in weights]

        bucket = bucket_of(splitting(*entries), a_context(key))

        assert bucket.low <= bucket.at <= bucket.high

    def test_a_number_that_cannot_be_hashed_falls_at_0(self) -> None:
        """The first entry that has weight takes it."""
        split = splitting(("on", 0), ("off", 100_000), by="n")

        explained = served(split, a_context(n=1.5))

        assert explained.bucket is not None
        assert (explained.bucket.text, explained.bucket.at, explained.entry) == (None, 0.0, 1)

    def test_a_missing_kind_is_told(self) -> None:
        """It falls at 0, and counts in no experiment."""
        split = splitting(("on", 100_000), kind="org", experiment="e")

        explained = served(split)

        assert explained.bucket is not None
        assert (explained.bucket.missing, explained.in_experiment) == ("kind", False)

    def test_an_experiment_goes_by_the_key(self) -> None:
        """Whatever `by` says."""
        explained = served(splitting(("on", 100_000), by="n", experiment="e"), a_context(n=1))

        assert explained.bucket is not None
        assert (explained.bucket.by, explained.in_experiment) == ("key", True)

    def test_without_a_key_nothing_is_chosen(self) -> None:
        """The split says what it lacks."""
        explained = served(splitting(("on", 100_000)), a_context(None))

        assert (explained.entry, explained.bucket) == (None, None)
        assert explained.fault is not None


class TestShown:
    """Values of a context are shown in small, as JSON."""

    @pytest.mark.parametrize("value", [None, True, 0, 1.5, "x", [1, "a"], {"a": [None]}])
    def test_what_is_small_is_shown_as_it_is(self, value: Any) -> None:
        """Nothing is lost."""
        assert shown(value) == value

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (float("nan"), "nan"),
            (10**400, "inf"),
            ("\ud800", "\ufffd"),
            ("x" * 300, "x" * 200 + "…"),
            (object(), "(object)"),
        ],
    )
    def test_what_is_no_json_becomes_text(self, value: Any, text: str) -> None:
        """An explanation can always be sent."""
        assert shown(value) == text

    def test_what_is_long_is_cut(self) -> None:
        """An array says that there is more, an object how much."""
        assert shown(list(range(30))) == [*range(20), "…"]
        assert shown({str(number): 0 for number in range(30)})["…"] == 10
