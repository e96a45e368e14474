"""Their clauses as our conditions."""

from __future__ import annotations

from typing import Any

import pytest

from pennon.model.flag import Condition
from tests.builders.launchdarkly import (
    import_refusal,
    imported_flag,
    their_clause,
    their_flag,
    their_rule,
    their_segment,
)


def _condition(clause: dict[str, Any], *segments: str) -> Condition:
    flag = their_flag(rules=[their_rule(clause)])
    [condition] = (
        imported_flag(flag, segments=tuple(their_segment(key) for key in segments)).rules[0].when
    )
    return condition


class TestClauses:
    @pytest.mark.parametrize(
        ("attribute", "kind", "reference"),
        [
            ("plan", None, "plan"),
            ("/p", None, "/~1p"),
            ("/a/b~c", None, "/~1a~1b~0c"),
            ("a/b", None, "a/b"),
            ("/a/b", "user", "/a/b"),
            ("/a/b", "", "/~1a~1b"),
        ],
    )
    def test_without_a_kind_a_reference_is_a_literal_name(
        self, attribute: str, kind: str | None, reference: str
    ) -> None:
        """A leading slash is part of it then."""
        clause = their_clause(attribute, "in", 1, contextKind=kind)

        assert _condition(clause) == Condition(attribute=reference, op="in", values=(1,))

    @pytest.mark.parametrize("op", ["between", "exists", "semVerGreaterThanOrEqual"])
    @pytest.mark.parametrize("negate", [False, True])
    def test_an_unknown_operator_is_in_nothing(self, op: str, negate: bool) -> None:
        """Also one that only we have."""
        clause = their_clause("a", op, "x", negate=negate)

        assert _condition(clause) == Condition(attribute="a", op="in", negate=negate)

    @pytest.mark.parametrize("negate", [False, True])
    def test_one_segment(self, negate: bool) -> None:
        """Negated as it is."""
        clause = their_clause("", "segmentMatch", "s", negate=negate)

        assert _condition(clause, "s") == Condition(segment="s", negate=negate)

    def test_several_segments(self) -> None:
        """Being in any of them."""
        any_of_both = Condition(any_=(Condition(segment="s"), Condition(segment="t")))

        assert _condition(their_clause("", "segmentMatch", "s", "t"), "s", "t") == any_of_both

    def test_several_segments_negated(self) -> None:
        """Being in none of them."""
        any_of_both = Condition(any_=(Condition(segment="s"), Condition(segment="t")))
        clause = their_clause("", "segmentMatch", "s", 5, "t", negate=True)

        assert _condition(clause, "s", "t") == Condition(not_=any_of_both)

    def test_no_segment(self) -> None:
        """Nobody is in none."""

        assert _condition(their_clause("", "segmentMatch")) == Condition(any_=())

    def test_a_pattern_that_ignores_case(self) -> None:
        """Its letters get both cases."""

        assert _condition(their_clause("a", "matches", "(?i)b", 1)).values == ("[Bb]", 1)

    def test_a_pattern_that_is_not_portable_is_refused(self) -> None:
        """With the path in their terms."""
        flag = their_flag(rules=[their_rule(their_clause("a", "matches", "ok", "(?=a)"))])

        assert import_refusal(flag).startswith("$.rules[0].clauses[0].values[1]: ")
