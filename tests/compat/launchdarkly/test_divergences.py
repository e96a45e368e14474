"""
Where the other model's readers differ from us or among themselves, shown on the official Python
SDK: that it does, and what the conversion makes of it.
"""

from __future__ import annotations

from typing import Any

import pytest

from pennon.evaluation.evaluate import evaluate
from pennon.model.context import Context
from pennon.model.flag import Condition, Flag
from pennon.model.segment import Segment
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_ruleset,
    a_segment,
    a_segment_rule,
    a_target,
    in_segment,
    not_,
    requiring,
    splitting,
)
from tests.builders.launchdarkly import (
    Json,
    exported,
    imported_flag,
    imported_segment,
    refusal,
    their_clause,
    their_flag,
    their_rule,
    their_segment,
)
from tests.fuzz.guards import for_sdk
from tests.fuzz.sdk import SdkEvaluator, missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

ADA: Json = {"kind": "user", "key": "ada"}
DEVICE: Json = {"kind": "device", "key": "d1"}


def _theirs(context: Json, *flags: Json, segments: tuple[Json, ...] = ()) -> tuple[Any, str]:
    """Return index and reason that the SDK gives for the first of *flags*."""
    sdk = SdkEvaluator({it["key"]: it for it in flags}, {it["key"]: it for it in segments})
    answer = sdk.answer(flags[0]["key"], context)
    return answer["index"], answer["reason"]


def _ours(context: Json, *items: Flag | Segment) -> tuple[Any, str]:
    """Return index and reason that we give for the first of *items*."""
    detail = evaluate(a_ruleset(*items), items[0].key, Context.of(context))
    return detail.index, detail.reason


def _exported(context: Json, *items: Flag | Segment) -> tuple[Any, str]:
    """Return index and reason that the SDK gives for the first of *items*, exported."""
    made = exported(*items)
    assert not made.refused
    flags = [made.flags[it.key] for it in items if isinstance(it, Flag)]
    return _theirs(context, *flags, segments=tuple(made.segments.values()))


def _where(*conditions: Condition) -> Flag:
    return a_flag(rules=(a_rule(*conditions),))


class TestMissingKinds:
    def test_a_weighted_segment_rule_lets_in_who_lacks_the_kind(self) -> None:
        """§3.7: Python and Node do, Go does not; the guard clause settles it."""
        rule = a_segment_rule(weight=0, kind="user")
        flag, segment = _where(in_segment()), a_segment(rules=(rule,))
        unguarded = their_segment(rules=[{"id": "r", "clauses": [], "weight": 0}])
        using_it = their_flag(rules=[their_rule(their_clause("", "segmentMatch", "s"))])

        assert _theirs(DEVICE, using_it, segments=(unguarded,)) == (0, "RULE_MATCH")
        assert _exported(DEVICE, flag, segment) == _ours(DEVICE, flag, segment)
        assert _ours(DEVICE, flag, segment) == (1, "FALLTHROUGH")

    def test_imported_a_weighted_segment_rule_keeps_them_out(self) -> None:
        """Readers differ, so either is a choice: ours is Go's."""
        segment = imported_segment(their_segment(rules=[{"clauses": [], "weight": 100_000}]))

        assert _ours(DEVICE, _where(in_segment()), segment) == (1, "FALLTHROUGH")

    def test_a_split_gives_the_first_entry_even_without_weight(self) -> None:
        """Here it is the first that has weight; exported, there is no other."""
        flag = a_flag(default=splitting(("on", 0), ("off", 100_000)))
        entries = [{"variation": 0, "weight": 0}, {"variation": 1, "weight": 100_000}]

        assert _theirs(DEVICE, their_flag(fallthrough={"rollout": {"variations": entries}})) == (
            0,
            "FALLTHROUGH",
        )
        assert _exported(DEVICE, flag) == _ours(DEVICE, flag) == (1, "FALLTHROUGH")

    def test_imported_a_split_gives_the_first_entry_with_weight(self) -> None:
        """The one change that an import makes, for contexts without the kind; see 0050."""
        entries = [{"variation": 0, "weight": 0}, {"variation": 1, "weight": 100_000}]
        flag = imported_flag(their_flag(fallthrough={"rollout": {"variations": entries}}))

        assert _ours(DEVICE, flag) == (1, "FALLTHROUGH")


class TestBucketing:
    @pytest.mark.parametrize(
        ("key", "value"),
        [("userKeyA", 0.42157587), ("userKeyB", 0.67084850), ("userKeyC", 0.10343106)],
    )
    def test_the_pinned_vectors(self, key: str, value: float) -> None:
        """§3.8: a weight just below leaves the key out, one just above takes it in."""
        for weight, index in ((int(value * 100_000), 1), (int(value * 100_000) + 1, 0)):
            flag = a_flag(
                "hashKey",
                salt="saltyA",
                default=splitting(("on", weight), ("off", 100_000 - weight)),
            )
            context = {"kind": "user", "key": key}

            assert _exported(context, flag) == _ours(context, flag) == (index, "FALLTHROUGH")

    def test_a_whole_number_with_a_fraction_is_no_integer_to_python(self) -> None:
        """§3.8: JSON's 33.0 is 33 to Go and JavaScript, and to us; contexts cannot be guarded."""
        flag = a_flag(default=splitting(("on", 1), ("off", 99_999), by="n"))
        context = {**ADA, "n": 33.0}
        [made] = exported(flag).flags.values()

        assert _theirs(context, made) == (0, "FALLTHROUGH")
        assert _theirs(for_sdk(context), made) == _ours(context, flag) == (1, "FALLTHROUGH")

    def test_by_kind_is_refused(self) -> None:
        """They hash the name of the kind; here it is missing."""
        rollout = {"variations": [{"variation": 0, "weight": 1}], "bucketBy": "kind"}
        flag = a_flag(default=splitting(("on", 1), ("off", 99_999), by="kind"))
        rollout["variations"] = [
            {"variation": 0, "weight": 1},
            {"variation": 1, "weight": 99_999},
        ]

        assert _theirs(ADA, their_flag(fallthrough={"rollout": rollout})) == (1, "FALLTHROUGH")
        assert _ours(ADA, flag) == (0, "FALLTHROUGH")
        assert refusal(flag).startswith("$.default.by: ")


class TestErrors:
    def test_an_invalid_path_fails_whoever_requires_the_flag(self) -> None:
        """§3.4: here the prerequisite does not hold; so it is refused."""
        broken = a_flag("broken", rules=(a_rule(a_clause("//", "in", 1)),))
        flag = a_flag(requires=(requiring("broken", "on"),))
        their_broken = their_flag(
            "broken", rules=[their_rule(their_clause("//", "in", 1, contextKind="user"))]
        )
        using_it = their_flag(prerequisites=[{"key": "broken", "variation": 0}])

        assert _theirs(ADA, using_it, their_broken) == (None, "ERROR")
        assert _ours(ADA, flag, broken) == (1, "PREREQUISITE_FAILED")
        assert "it uses the flag 'broken', which is refused" in refusal(flag, broken)

    def test_a_cycle_fails_whoever_leads_to_it(self) -> None:
        """§3.5: here only the flags on it; so all of them are refused."""
        loop = a_flag("loop", requires=(requiring("loop", "on"),))
        flag = a_flag(requires=(requiring("loop", "on"),))
        their_loop = their_flag("loop", prerequisites=[{"key": "loop", "variation": 0}])
        using_it = their_flag(prerequisites=[{"key": "loop", "variation": 0}])

        assert _theirs(ADA, using_it, their_loop) == (None, "ERROR")
        assert _ours(ADA, flag, loop) == (1, "PREREQUISITE_FAILED")
        assert refusal(flag, loop).startswith("$: it is on a cycle")

    def test_one_strict_reader_refuses_a_clause_without_attribute(self) -> None:
        """§0: it would lose the whole environment; so there always is one."""
        clause = their_clause("", "segmentMatch", "s")
        del clause["attribute"]

        with pytest.raises(ValueError, match="attribute"):
            _theirs(ADA, their_flag(rules=[their_rule(clause)]))
        assert _exported(ADA, _where(in_segment())) == (1, "FALLTHROUGH")


class TestClauses:
    def test_a_segment_clause_is_never_missing_anything(self) -> None:
        """§3.6: negated it matches who lacks the attribute; that is our plain negation."""
        segment = a_segment(rules=(a_segment_rule(a_clause("plan", "in", "pro")),))
        flag = _where(in_segment(negate=True))

        assert _exported(ADA, flag, segment) == _ours(ADA, flag, segment) == (0, "RULE_MATCH")

    def test_a_negated_clause_does_not_match_what_is_missing(self) -> None:
        """But the `not` of a clause does."""
        clause = a_clause("plan", "in", "pro")
        negated = a_clause("plan", "in", "pro", negate=True)

        assert _exported(ADA, _where(negated)) == _ours(ADA, _where(negated)) == (1, "FALLTHROUGH")
        assert _exported(ADA, _where(not_(clause))) == _ours(ADA, _where(not_(clause)))
        assert _ours(ADA, _where(not_(clause))) == (0, "RULE_MATCH")

    def test_an_unknown_operator_negated_matches(self) -> None:
        """§3.6: but not where the attribute is missing."""
        flag = _where(a_clause("plan", "between", "x", negate=True))
        pro = {**ADA, "plan": "pro"}

        assert _exported(pro, flag) == _ours(pro, flag) == (0, "RULE_MATCH")
        assert _exported(ADA, flag) == _ours(ADA, flag) == (1, "FALLTHROUGH")

    def test_without_a_kind_a_path_is_a_name(self) -> None:
        """§3.4: imported, its slash is escaped."""
        theirs = their_flag(rules=[their_rule(their_clause("/a/b", "in", 1))])
        literal, nested = {**ADA, "/a/b": 1}, {**ADA, "a": {"b": 1}}

        assert _theirs(literal, theirs) == _ours(literal, imported_flag(theirs))
        assert _ours(literal, imported_flag(theirs)) == (0, "RULE_MATCH")
        assert _ours(nested, imported_flag(theirs)) == (1, "FALLTHROUGH")

    def test_a_nested_boolean_is_a_number_to_python(self) -> None:
        """And an array is no array to JavaScript: so arrays in `in` are refused."""
        clause = their_clause("a", "in", [True], contextKind="user")
        context = {**ADA, "a": [[1]]}

        assert _theirs(context, their_flag(rules=[their_rule(clause)])) == (0, "RULE_MATCH")
        assert _ours(context, _where(a_clause("a", "in", [True]))) == (1, "FALLTHROUGH")

    def test_shorthand_classes_hold_letters_beyond_ascii(self) -> None:
        """§3.9: written out they do not."""
        flag = _where(a_clause("name", "matches", r"^\w+$"))
        clause = their_clause("name", "matches", r"^\w+$", contextKind="user")
        context = {**ADA, "name": "Åsa"}

        assert _theirs(context, their_flag(rules=[their_rule(clause)])) == (0, "RULE_MATCH")
        assert _exported(context, flag) == _ours(context, flag) == (1, "FALLTHROUGH")

    def test_a_moment_to_the_microsecond_is_cut_to_milliseconds(self) -> None:
        """In clauses; a context cannot be guarded."""
        flag = _where(a_clause("at", "after", "2020-01-01T00:00:00.0009Z"))
        clause = their_clause("at", "after", "2020-01-01T00:00:00.0009Z", contextKind="user")
        context = {**ADA, "at": 1577836800000.5}

        assert _theirs(context, their_flag(rules=[their_rule(clause)])) == (1, "FALLTHROUGH")
        assert _exported(context, flag) == _ours(context, flag) == (0, "RULE_MATCH")


class TestTargets:
    def test_an_entry_for_users_stands_for_the_other_list(self) -> None:
        """§3.5: Go would read its own keys, had it any; so it has none."""
        flag = a_flag(targets=(a_target("off", "d1", kind="device"), a_target("on", "ada")))
        both = {"kind": "multi", "user": {"key": "ada"}, "device": {"key": "d1"}}

        assert all(
            not entry["values"]
            for entry in exported(flag).flags["f"]["contextTargets"]
            if entry["contextKind"] == "user"
        )
        assert _exported(ADA, flag) == _ours(ADA, flag) == (0, "TARGET_MATCH")
        assert _exported(both, flag) == _ours(both, flag) == (1, "TARGET_MATCH")
