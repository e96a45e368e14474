"""Targeting in words."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.cli.phrases import (
    condition_phrase,
    requires_phrase,
    rule_phrase,
    serve_phrase,
    serves_phrase,
    target_phrase,
)
from pennon.model.flag import (
    Condition,
    Flag,
    Prerequisite,
    Rule,
    Serve,
    Target,
    WeightedVariation,
)


def a_clause(**fields: Any) -> Condition:
    return Condition(**{"attribute": "plan", "op": "in", "values": ("pro",), **fields})


def a_split(**fields: Any) -> Serve:
    shares = (
        WeightedVariation(variation="on", weight=12_500),
        WeightedVariation(variation="off", weight=87_500),
    )
    return Serve(split=shares, **fields)


def a_flag(**fields: Any) -> Flag:
    return Flag(**{"key": "f", "type": "boolean", "default": Serve(variation="on"), **fields})


class TestConditions:
    """`condition_phrase`."""

    @pytest.mark.parametrize(
        ("condition", "phrase"),
        [
            (a_clause(), 'plan is "pro"'),
            (a_clause(values=("pro", "team")), 'plan is "pro" or "team"'),
            (a_clause(values=tuple(range(7))), "plan is 0 or 1 or 2 or 3 or 4 or 2 more"),
            (a_clause(negate=True), 'not plan is "pro"'),
            (a_clause(kind="organization"), 'organization plan is "pro"'),
            (a_clause(op="exists", values=()), "plan is set"),
            (a_clause(op="greaterThan", values=(3,)), "plan > 3"),
            (a_clause(op="fromTheFuture"), 'plan fromTheFuture "pro"'),
            (Condition(segment="testers"), "in segment testers"),
            (Condition(segment="testers", negate=True), "not in segment testers"),
            (Condition(not_=a_clause()), 'not (plan is "pro")'),
            (
                Condition(any_=(a_clause(), Condition(segment="s"))),
                '(plan is "pro" or in segment s)',
            ),
            (
                Condition(all_=(a_clause(), Condition(segment="s"))),
                '(plan is "pro" and in segment s)',
            ),
        ],
    )
    def test_reads_as_a_sentence(self, condition: Condition, phrase: str) -> None:
        """Each form of condition has its words; an unknown operator keeps its own."""
        assert condition_phrase(condition) == phrase


class TestServed:
    """What is served."""

    def test_a_split_tells_shares_and_by_what(self) -> None:
        """Weights are shown in per cent, exactly."""
        assert serve_phrase(a_split()) == "12.5 % on, 87.5 % off by key"

    def test_an_experiment_is_named(self) -> None:
        """A split that measures says for what."""
        assert serve_phrase(a_split(experiment="checkout")).endswith("in experiment checkout")

    def test_a_flag_that_is_off_serves_its_off_variation(self) -> None:
        """Rules do not count while it is off."""
        rule = Rule(id="r", serve=Serve(variation="on"))

        assert serves_phrase(a_flag(off="off", rules=(rule,))) == "off"

    def test_no_off_variation_is_the_callers_default(self) -> None:
        """`off: null` means that the caller decides."""
        assert serves_phrase(a_flag()) == "the caller's default"

    def test_exceptions_are_counted(self) -> None:
        """Targets count contexts, rules count rules."""
        flag = a_flag(
            enabled=True,
            targets=(Target(variation="off", keys=("a", "b")),),
            rules=(Rule(id="r", serve=Serve(variation="off")),),
        )

        assert serves_phrase(flag) == "on, 2 targets, 1 rule"

    def test_a_rule_without_conditions_matches_everyone(self) -> None:
        """An empty `when` is said, not left blank."""
        rule = Rule(id="r", name="All", serve=Serve(variation="on"))

        assert rule_phrase(rule) == "All: everyone → on"

    def test_targets_past_five_are_counted(self) -> None:
        """A long list stays one line."""
        target = Target(variation="on", keys=("a", "b", "c", "d", "e", "f", "g"))

        assert target_phrase(target) == "user a, b, c, d, e and 2 more → on"

    def test_a_prerequisite_names_what_it_must_serve(self) -> None:
        """Several variations are alternatives."""
        phrase = requires_phrase(Prerequisite(flag="beta", is_=("on", "half")))

        assert phrase == "beta serves on or half"
