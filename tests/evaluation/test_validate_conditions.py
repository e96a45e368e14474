from __future__ import annotations

from typing import Any

import pytest

from pennon.errors import Fault
from pennon.evaluation.validate import (
    faults_of_flag,
)
from pennon.model.flag import Condition
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    all_of,
    any_of,
    in_segment,
    not_,
)


def paths(faults: list[Fault]) -> list[str]:
    return [fault.path for fault in faults]


def faults_of_clause(*when: Condition) -> list[Fault]:
    return faults_of_flag(a_flag(rules=(a_rule(*when),)))


class TestConditions:
    @pytest.mark.parametrize(
        ("op", "good", "bad"),
        [
            ("startsWith", "a", 1),
            ("endsWith", "a", None),
            ("contains", "a", ["a"]),
            ("matches", "^a+$", "(?=a)"),
            ("matches", "(a+)+$", "("),
            ("matches", "a", "a" * 513),
            ("matches", "a", 1),
            ("lessThan", 1, "1"),
            ("lessThanOrEqual", 1.5, True),
            ("greaterThan", 0, None),
            ("greaterThanOrEqual", -1, []),
            ("before", "2026-11-22T12:00:00Z", "2026-11-22"),
            ("after", 0, "0"),
            ("semVerEqual", "2-rc1", "v2"),
            ("semVerLessThan", "1.2.3", 1),
            ("semVerLessThanOrEqual", "1", "1.2.3.4"),
            ("semVerGreaterThan", "1.2", "01"),
            ("semVerGreaterThanOrEqual", "1.2", ""),
            ("in", True, 2**53),
        ],
    )
    def test_a_value_is_one_that_the_operator_takes(self, op: str, good: Any, bad: Any) -> None:
        """The path is that of the one value that is wrong."""
        clause = a_clause("a", op, good, bad)

        assert paths(faults_of_clause(clause)) == ["$.rules[0].when[0].values[1]"]

    def test_a_condition_has_exactly_one_form(self) -> None:
        """None and several are faults, and the fault names what was there."""
        none, several = faults_of_clause(
            Condition(), Condition(attribute="a", op="in", segment="s")
        )

        assert none.path == "$.rules[0].when[0]"
        assert none.message.endswith("got none")
        assert several.path == "$.rules[0].when[1]"
        assert several.message.endswith("got a clause and `segment`")

    def test_a_clause_has_attribute_and_operator(self) -> None:
        """Half a clause is a fault where the other half should be."""
        faults = faults_of_clause(Condition(op="in"), Condition(attribute="a"))

        assert paths(faults) == ["$.rules[0].when[0].attribute", "$.rules[0].when[1].op"]

    def test_faults_within_are_found_with_their_path(self) -> None:
        """Paths lead through any, all and not."""
        wrong = a_clause("a", "lessThan", "1")

        assert paths(faults_of_clause(any_of(all_of(wrong), not_(wrong)))) == [
            "$.rules[0].when[0].any[0].all[0].values[0]",
            "$.rules[0].when[0].any[1].not.values[0]",
        ]

    def test_exists_takes_no_values_and_no_negate(self) -> None:
        """`not` around it says what `negate` would only seem to say."""
        clause = a_clause("a", "exists", 1, negate=True)

        assert paths(faults_of_clause(clause)) == [
            "$.rules[0].when[0].values",
            "$.rules[0].when[0].negate",
        ]

    def test_negate_belongs_to_clauses_and_segments(self) -> None:
        """Beside any, all and not it would be ignored in silence."""
        inner = a_clause("a", "exists")
        conditions = (
            Condition(any_=(inner,), negate=True),
            Condition(all_=(inner,), negate=True),
            Condition(not_=inner, negate=True),
            in_segment(negate=True),
        )

        assert paths(faults_of_clause(*conditions)) == [
            f"$.rules[0].when[{index}].negate" for index in range(3)
        ]

    def test_conditions_nest_only_so_deep(self) -> None:
        """Thirty-two are fine, and the fault of a tower is one."""
        condition = a_clause("a", "exists")
        for _ in range(31):
            condition = not_(condition)
        deep = condition
        for _ in range(1000):
            deep = not_(deep)

        assert faults_of_clause(condition) == []
        assert len(faults_of_clause(deep)) == 1
