"""Our clauses in their terms."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.model.flag import Condition
from tests.builders.flags import a_clause, a_flag, a_rule
from tests.builders.launchdarkly import Json, exported_clauses, refusal


def _clause(condition: Condition) -> Json:
    [clause], made = exported_clauses(condition)
    assert not made
    return clause


class TestForm:
    def test_every_member_is_written(self) -> None:
        """Also a kind and a negation that are the default: not all readers know it."""

        assert _clause(a_clause("plan", "in", "pro")) == {
            "contextKind": "user",
            "attribute": "plan",
            "op": "in",
            "values": ["pro"],
            "negate": False,
        }

    @pytest.mark.parametrize("reference", ["plan", "/address/city", "a/b", "/a~1b", "~x"])
    def test_with_a_kind_a_reference_reads_as_ours(self, reference: str) -> None:
        """So it is written as it is."""

        assert _clause(a_clause(reference, "in", 1))["attribute"] == reference

    @pytest.mark.parametrize("reference", ["kind", "/kind"])
    def test_the_kind_is_written_as_a_name(self, reference: str) -> None:
        """Not every reader knows it as a path."""

        assert _clause(a_clause(reference, "in", "user"))["attribute"] == "kind"

    @pytest.mark.parametrize("reference", ["", "/", "//", "/a/", "/a~2"])
    def test_an_invalid_reference_is_refused(self, reference: str) -> None:
        """There it would fail every flag that requires this one, here only this one."""
        flag = a_flag(rules=(a_rule(a_clause(reference, "in", 1)),))

        assert refusal(flag).startswith("$.rules[0].when[0].attribute: ")

    @pytest.mark.parametrize("kind", ["", "multi", "kind", "a b"])
    def test_a_kind_that_no_context_has_is_refused(self, kind: str) -> None:
        """An empty one would be read as the user."""
        flag = a_flag(rules=(a_rule(a_clause("plan", "in", 1, kind=kind)),))

        assert refusal(flag).startswith("$.rules[0].when[0].kind: ")


class TestOperators:
    @pytest.mark.parametrize("negate", [False, True])
    def test_exists_is_a_negated_impossible_in(self, negate: bool) -> None:
        """Whatever is there is in no empty list."""
        clause = _clause(a_clause("plan", "exists", negate=negate))

        assert (clause["op"], clause["values"], clause["negate"]) == ("in", [], not negate)

    @pytest.mark.parametrize("op", ["between", "", "segmentMatch", "IN"])
    @pytest.mark.parametrize("negate", [False, True])
    def test_an_unknown_operator_matches_nothing_before_it_is_negated(
        self, op: str, negate: bool
    ) -> None:
        """Also one that is unknown only to us."""
        clause = _clause(a_clause("plan", op, "x", negate=negate))

        assert (clause["op"], clause["values"], clause["negate"]) == ("in", [], negate)

    def test_or_equal_is_a_segment_of_two_rules(self) -> None:
        """A version is at least another one when it is greater or equal."""
        [clause], made = exported_clauses(a_clause("v", "semVerGreaterThanOrEqual", "2"))
        [key] = clause["values"]

        assert (clause["op"], clause["negate"]) == ("segmentMatch", False)
        assert [
            [(it["op"], it["values"], it["negate"]) for it in rule["clauses"]]
            for rule in made[key]["rules"]
        ] == [
            [("semVerGreaterThan", ["2.0.0"], False)],
            [("semVerEqual", ["2.0.0"], False)],
        ]

    def test_negated_or_equal_is_two_clauses(self) -> None:
        """Neither less nor equal; each is false where the attribute is missing."""
        clauses, made = exported_clauses(a_clause("v", "semVerLessThanOrEqual", "2", negate=True))

        assert [(it["op"], it["negate"]) for it in clauses] == [
            ("semVerLessThan", True),
            ("semVerEqual", True),
        ]
        assert not made


class TestValues:
    @pytest.mark.parametrize(
        ("op", "values", "written"),
        [
            ("in", ("a", 1, True, None), ["a", 1, True, None]),
            ("in", (33.0, -0.0, 1.5), [33, 0, 1.5]),
            ("in", (2**53 + 1,), [float(2**53)]),
            ("startsWith", ("a", 1, None), ["a"]),
            ("matches", (r"\d", "(", 1), ["[0-9]"]),
            ("lessThan", (1, "1", True, 2.0), [1, 2]),
            ("before", ("2020-01-01T01:00:00+01:00", 5.5, "2020-01-01"), [1577836800000, 5.5]),
            ("after", ("1970-01-01T00:00:00.1239Z",), [123]),
            ("semVerEqual", ("2-rc1", "1.2+b", "2.", 2), ["2.0.0-rc1", "1.2.0+b"]),
        ],
    )
    def test_values_are_written_so_that_all_read_them_alike(
        self, op: str, values: tuple[Any, ...], written: list[Any]
    ) -> None:
        """Numbers as float64, moments in milliseconds, versions whole; what never matches goes."""
        found = _clause(a_clause("a", op, *values))["values"]

        assert found == written
        assert [type(value) for value in found] == [type(value) for value in written]

    @pytest.mark.parametrize("value", [[], ["a"], {}, {"a": 1}])
    def test_objects_and_arrays_are_refused(self, value: Any) -> None:
        """Not all SDKs compare them by what they hold."""
        flag = a_flag(rules=(a_rule(a_clause("a", "in", 1, value)),))

        assert refusal(flag).startswith("$.rules[0].when[0].values[1]: ")

    def test_a_number_beyond_float64_is_refused(self) -> None:
        """It is infinite to us, and an error to some."""
        flag = a_flag(rules=(a_rule(a_clause("a", "lessThan", 10**400)),))

        assert refusal(flag).startswith("$.rules[0].when[0].values[0]: ")
