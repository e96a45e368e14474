"""Trees of conditions through made segments."""

from __future__ import annotations

import pytest

from pennon.model.flag import Condition
from tests.builders.flags import (
    a_clause,
    a_flag,
    a_rule,
    a_segment,
    a_segment_rule,
    all_of,
    any_of,
    in_segment,
    not_,
)
from tests.builders.launchdarkly import exported, exported_clauses, refusal

PRO = a_clause("plan", "in", "pro")
OLD = a_clause("age", "greaterThan", 60)
PERSON = a_clause("kind", "in", "user")


class TestForms:
    def test_all_is_written_in_place(self) -> None:
        """Clauses are ANDed anyway."""
        clauses, made = exported_clauses(all_of(PRO, all_of(OLD)), PERSON)

        assert [it["attribute"] for it in clauses] == ["plan", "age", "kind"]
        assert not made

    def test_any_is_a_segment_with_a_rule_for_each_branch(self) -> None:
        """A branch may hold several clauses."""
        [clause], made = exported_clauses(any_of(PRO, all_of(OLD, PERSON)))

        assert (clause["op"], clause["values"], clause["negate"]) == (
            "segmentMatch",
            ["flag:f:1"],
            False,
        )
        assert [
            [it["attribute"] for it in rule["clauses"]] for rule in made["flag:f:1"]["rules"]
        ] == [["plan"], ["age", "kind"]]

    def test_not_is_a_negated_segment(self) -> None:
        """Negating the clause itself would leave out who lacks the attribute."""
        [clause], made = exported_clauses(not_(PRO))

        assert (clause["values"], clause["negate"]) == (["flag:f:1"], True)
        assert made["flag:f:1"]["rules"][0]["clauses"][0]["negate"] is False

    @pytest.mark.parametrize("condition", [in_segment("s"), PERSON, any_of(PRO, OLD)])
    def test_not_of_what_is_never_missing_turns_it_round(self, condition: Condition) -> None:
        """A segment and the kind need no segment more."""
        [plain], made = exported_clauses(condition)
        [turned], made_for_not = exported_clauses(not_(condition))

        assert turned == {**plain, "negate": True}
        assert made_for_not.keys() == made.keys()

    def test_a_branch_alone_needs_no_segment(self) -> None:
        """`any` of one is that one."""

        assert exported_clauses(any_of(PRO)) == exported_clauses(PRO)

    @pytest.mark.parametrize("condition", [any_of(), not_(all_of())])
    def test_never_is_a_list_of_no_kinds(self, condition: Condition) -> None:
        """An `any` of nothing holds for nobody."""
        [clause], _ = exported_clauses(condition)

        assert (clause["attribute"], clause["values"], clause["negate"]) == ("kind", [], False)

    def test_always_is_no_clause(self) -> None:
        """An `all` of nothing holds for everybody."""

        assert exported_clauses(all_of()) == ([], {})

    def test_a_segment_clause_has_an_attribute_all_the_same(self) -> None:
        """One SDK rejects the whole payload without it."""
        [clause], _ = exported_clauses(in_segment("s", negate=True))

        assert clause == {
            "attribute": "",
            "op": "segmentMatch",
            "values": ["s"],
            "negate": True,
        }


class TestMadeSegments:
    def test_they_are_named_after_their_owner_and_have_its_version(self) -> None:
        """So that they change when it does, and two owners never share one."""
        tree = any_of(PRO, any_of(OLD, PERSON))
        made = exported(
            a_flag(version=7, rules=(a_rule(tree),)),
            a_segment(version=9, rules=(a_segment_rule(tree),)),
        ).segments

        assert {key: it["version"] for key, it in made.items()} == {
            "s": 9,
            "segment:s:1": 9,
            "segment:s:2": 9,
            "flag:f:1": 7,
            "flag:f:2": 7,
        }

    def test_a_key_like_theirs_is_refused(self) -> None:
        """Only damage can make one: our keys hold no colon."""

        assert refusal(a_segment("flag:f:1")).startswith("$.key: ")


class TestMalformed:
    @pytest.mark.parametrize(
        "condition",
        [
            Condition(),
            Condition(attribute="a"),
            Condition(op="in"),
            Condition(segment="s", any_=()),
            Condition(attribute="a", op="in", all_=()),
            Condition(attribute="a", segment="s"),
        ],
    )
    def test_a_condition_of_no_form_or_several_is_refused(self, condition: Condition) -> None:
        """To them it is not an error in one place; there is no way to write it."""
        flag = a_flag(rules=(a_rule(any_of(PRO, condition)),))

        assert refusal(flag).startswith("$.rules[0].when[0].any[1]: ")

    @pytest.mark.parametrize(("depth", "fits"), [(32, True), (33, False)])
    def test_conditions_nest_as_deep_as_ours(self, depth: int, fits: bool) -> None:
        """What stands deeper is malformed here, and would not be there."""
        condition = PRO
        for _ in range(depth - 1):
            condition = all_of(condition)
        refused = exported(a_flag(rules=(a_rule(condition),))).refused

        assert (not refused) is fits
