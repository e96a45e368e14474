"""An explanation as a tree of lines."""

from __future__ import annotations

import textwrap

from hypothesis import HealthCheck, given, settings

from pennon.cli.eval_trace import explanation_text
from pennon.evaluation.explain import explain
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
    a_target,
    all_of,
    any_of,
    in_segment,
    members,
    not_,
    requiring,
    serving,
    splitting,
)
from tests.evaluation import strategies

Environment = tuple[dict[str, Flag], dict[str, Segment]]

ADA = a_context()


def drawn(
    *items: Flag | Segment, context: Context = ADA, memberships: Memberships | None = None
) -> str:
    """Return the tree of the first of *items*, without the line that says that it is on."""
    explanation = explain(a_ruleset(*items), items[0].key, context, memberships)
    return textwrap.dedent("\n".join(explanation_text(explanation).plain.splitlines()[1:]))


def lines(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


class TestFlag:
    """Targets, prerequisites, rules and the default."""

    def test_a_flag_that_is_off(self) -> None:
        """One line is all."""
        text = explanation_text(explain(a_ruleset(a_flag(enabled=False)), "f", ADA))

        assert text.plain == "  ✗ the flag is off\n"

    def test_targets(self) -> None:
        """Each says how many keys it lists, and whom it looked for."""
        targets = (a_target("on", "acme", kind="organization"), a_target("on", "ada", "bob"))

        assert drawn(a_flag(targets=targets)) == lines("""
            ✗ target 1, 1 organization key; the context has no organization
            ✓ target 2, 2 user keys; the user is "ada"
              → on
            """)

    def test_a_prerequisite_that_fails_is_unfolded(self) -> None:
        """Its own steps say why it served what it served."""
        flag = a_flag(requires=(requiring("g"), requiring("h")))
        other = a_flag("g", default=serving("on"))

        assert drawn(flag, other, a_flag("h")) == lines("""
            ✓ requires that g serves on; it serves on
            ✗ requires that h serves on; it serves off
              ✓ the flag is on
              ✓ otherwise
                → off
            """)

    def test_prerequisites_that_cannot_be_asked(self) -> None:
        """Missing and switched off are told apart from what is served."""
        off = a_flag("g", enabled=False)

        assert drawn(a_flag(requires=(requiring("g"),)), off) == (
            "✗ requires that g serves on; it is switched off"
        )
        assert drawn(a_flag(requires=(requiring("g"),))) == (
            "✗ requires that g serves on; there is no such flag"
        )
        assert drawn(a_flag(requires=(requiring("f"),))) == (
            "! requires that f serves on; the prerequisites of 'f' lead back to it"
        )

    def test_a_rule_for_everyone(self) -> None:
        """No condition is a condition that holds."""
        assert drawn(a_flag(rules=(a_rule(),))) == lines("""
            ✓ rule 1, r; everyone
              → on
            """)

    def test_a_malformed_part(self) -> None:
        """The mark stands where the fault is, and on what contains it."""
        assert drawn(a_flag(rules=(a_rule(all_of(a_clause("//"))),))) == lines("""
            ! rule 1, r
              ! all of
                ! the attribute '//'
            """)

    def test_a_flag_that_cannot_be_read(self) -> None:
        """There are no steps, but why not."""
        assert (
            "needs what this evaluator has not"
            in explanation_text(explain(a_ruleset(a_flag(needs=("more",))), "f", ADA)).plain
        )


class TestConditions:
    """Conditions, with what was found."""

    def test_a_tree_of_conditions(self) -> None:
        """Parts stand under what joins them, and what was not asked is counted."""
        condition = any_of(not_(a_clause("key", "exists")), a_clause("x", "in", 1), in_segment())
        flag = a_flag(rules=(a_rule(condition, a_clause("y", "exists")),))

        assert drawn(flag, context=a_context(x=1)) == lines("""
            ✗ rule 1, r
              ✓ any of
                ✗ not
                  ✓ key is set; it is "ada"
                ✓ x is 1; it is 1
                · 1 more condition was not asked
              ✗ y is set; it is not set
            ✓ otherwise
              → off
            """)

    def test_what_negation_does_to_what_is_missing(self) -> None:
        """The rule that surprises most is spelt out."""
        flag = a_flag(rules=(a_rule(a_clause("country", "in", "US", negate=True)),))

        assert 'not country is "US"; it is not set, so neither this nor its opposite' in drawn(flag)

    def test_what_cannot_be_compared(self) -> None:
        """A number is no version."""
        flag = a_flag(rules=(a_rule(a_clause("v", "semVerEqual", "3.1")),))

        assert "it is 3.1, expected a version" in drawn(flag, context=a_context(v=3.1))

    def test_which_of_several_values_matched(self) -> None:
        """Only where the value found does not show it."""
        flag = a_flag(rules=(a_rule(a_clause("q", "contains", "how", "which")),))

        assert 'it is "which one", as "which" says' in drawn(flag, context=a_context(q="which one"))

    def test_a_long_value_is_cut(self) -> None:
        """A line stays a line."""
        flag = a_flag(rules=(a_rule(a_clause("q", "in", "x")),))

        assert max(map(len, drawn(flag, context=a_context(q="y" * 150)).splitlines())) < 100

    def test_an_unknown_operator(self) -> None:
        """Its fault stands below the clause."""
        flag = a_flag(rules=(a_rule(a_clause("q", "resembles", "x")),))

        assert "! op: expected one of in, startsWith" in drawn(flag, context=a_context(q="y"))


class TestSegments:
    """A segment is unfolded where it is named first."""

    def test_rules_and_shares(self) -> None:
        """A share says where the context falls."""
        segment = a_segment(
            rules=(
                a_segment_rule(a_clause("x", "exists"), id="one"),
                a_segment_rule(id="two", weight=10_000),
            )
        )
        rules = (a_rule(in_segment()), a_rule(in_segment(negate=True)))

        assert drawn(a_flag(rules=rules), segment) == lines("""
            ✗ rule 1, r
              ✗ in segment s
                ✗ rule 1, one
                  ✗ x is set; it is not set
                ✗ rule 2, two; everyone
                  ✗ the share of 10 % by key; "ada" is at 76.881 %
            ✓ rule 2, r
              ✓ not in segment s
                · as above
              → on
            """)

    def test_what_decided_without_rules(self) -> None:
        """Lists, and segments that are not there."""
        flag = a_flag(rules=(a_rule(in_segment()),))

        assert '· the user is "ada", included by key' in drawn(
            flag, a_segment(include=(members("ada"),))
        )
        assert '· the user is "ada", excluded by key' in drawn(
            flag, a_segment(exclude=(members("ada"),))
        )
        assert "· not listed, and it has no rules" in drawn(flag, a_segment())
        assert "· there is no such segment, so nobody is in it" in drawn(flag)

    def test_members_that_are_kept_elsewhere(self) -> None:
        """What is known of them, or that it is not known."""
        flag = a_flag(rules=(a_rule(in_segment()),))
        segment = a_segment(external=External())

        def member(segment: str, key: str) -> Membership:
            return Membership.IN

        assert "· listed as a member, outside the datafile" in drawn(
            flag, segment, memberships=member
        )
        assert "· whether it is listed is not known here" in drawn(flag, segment)
        assert "· the context has no user with a key" in drawn(
            flag, segment, context=a_context(None)
        )


class TestSplits:
    """A split says where the value falls, and whose share that is."""

    def test_a_split(self) -> None:
        """With what was hashed, so that anyone can check."""
        flag = a_flag(default=splitting(("on", 30_000), ("off", 70_000), seed=61))

        assert drawn(flag, context=a_context("userKeyA")) == lines("""
            ✓ otherwise
              · split: 30 % on, 70 % off by key
              · "userKeyA" is at 9.801 %; SHA-1 of 61.userKeyA
              → on; its share is 0 % to 30 %
            """)

    def test_an_experiment(self) -> None:
        """Whether the answer counts."""
        split = splitting(("on", 100_000), experiment="e")

        assert drawn(a_flag(default=split)).endswith("0 % to 100 %; counted in the experiment")

    def test_what_counts_as_0(self) -> None:
        """A missing kind, a missing attribute, and what cannot be hashed."""
        by_kind = a_flag(default=splitting(("on", 100_000), kind="org"))
        by_x = a_flag(default=splitting(("on", 100_000), by="x"))

        assert "the context has no org, which counts as 0 %" in drawn(by_kind)
        assert "x is not set, which counts as 0 %" in drawn(by_x)
        assert "1.5 cannot be hashed, which counts as 0 %" in drawn(by_x, context=a_context(x=1.5))

    def test_a_split_that_lacks_its_key(self) -> None:
        """The fault takes the place of what is served."""
        flag = a_flag(default=splitting(("on", 100_000)))

        assert drawn(flag, context=a_context(None)).startswith("! otherwise")


class TestAnything:
    """Every explanation can be drawn."""

    # A whole environment is drawn for each example, which takes a busy machine long.
    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(strategies.environments, strategies.contexts)
    def test_on_any_environment(self, environment: Environment, context: Context) -> None:
        """Faults and cycles included; every line has its mark."""
        ruleset = a_ruleset(*environment[0].values(), *environment[1].values())
        for key in environment[0]:
            text = explanation_text(explain(ruleset, key, context)).plain

            assert all(line.lstrip()[0] in "✓✗!→·" for line in text.splitlines())

    def test_on_conditions_as_deep_as_they_may_be(self) -> None:
        """What is deeper than a person reads is left to `--json`."""
        condition = a_clause("key", "exists")
        for _ in range(31):
            condition = not_(condition)

        assert "· and deeper: --json has it all" in drawn(a_flag(rules=(a_rule(condition),)))
