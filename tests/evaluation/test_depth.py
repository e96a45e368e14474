"""What may be deep fits on a stack, wherever on it somebody asks: Python's holds 1,000 frames."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import pytest

from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.explain import explain
from pennon.evaluation.generate_questions import MAX_SIZE
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.validate import faults_of_flag, faults_of_segment, missing_segments
from pennon.model.flag import Condition, Flag
from pennon.model.members import Membership
from pennon.model.segment import External, Segment
from tests.builders.depth import LIMIT, a_deepest_environment
from tests.builders.flags import (
    a_clause,
    a_context,
    a_flag,
    a_rule,
    a_segment,
    as_bytes,
    in_segment,
    not_,
)

T = TypeVar("T")

EVALUATION_FRAMES: Final = 550
EXPLANATION_FRAMES: Final = 550
CHECKING_FRAMES: Final = 100

A_DEEP_PATTERN: Final = "(?:" * 32 + "a" + ")" * 32

each_size = pytest.mark.parametrize(
    "sizes",
    [{}, {"rules": MAX_SIZE // 3}, {"clauses": MAX_SIZE // 30}],
    ids=["small", "rules beyond one function", "trees beyond one function"],
)


class TestTheDeepestEnvironment:
    @each_size
    def test_it_is_evaluated(self, sizes: dict[str, Any]) -> None:
        """From bytes to the answer, with every function still to be made."""
        items = a_deepest_environment(**sizes)

        detail = within(
            EVALUATION_FRAMES, lambda: evaluate(a_ruleset_of_bytes(items), "f0", a_context())
        )

        assert detail.reason == "RULE_MATCH"

    @each_size
    def test_all_its_flags_are_evaluated(self, sizes: dict[str, Any]) -> None:
        """The one that requires all others comes first, and makes their functions."""
        items = a_deepest_environment(**sizes)

        details = within(
            EVALUATION_FRAMES, lambda: evaluate_all(a_ruleset_of_bytes(items), a_context())
        )

        assert [detail.reason for detail in details] == ["RULE_MATCH"] * (LIMIT + 1)

    @each_size
    def test_it_is_explained(self, sizes: dict[str, Any]) -> None:
        """With a trace of every flag and every segment."""
        items = a_deepest_environment(**sizes)

        told = within(
            EXPLANATION_FRAMES, lambda: explain(a_ruleset_of_bytes(items), "f0", a_context())
        )

        assert told.detail.reason == "RULE_MATCH"
        assert (len(told.flags), len(told.segments)) == (LIMIT, LIMIT)

    @each_size
    def test_it_is_checked(self, sizes: dict[str, Any]) -> None:
        """Nothing is wrong with it: it may be written."""
        items = a_deepest_environment(**sizes)

        assert (
            within(CHECKING_FRAMES, lambda: [fault for item in items for fault in faults(item)])
            == []
        )

    @each_size
    def test_its_last_clause_may_have_the_deepest_pattern(self, sizes: dict[str, Any]) -> None:
        """Groups of a pattern nest 32 deep too, and are parsed where they are first asked."""
        last = a_clause("key", "matches", A_DEEP_PATTERN)
        items = a_deepest_environment(**sizes, last=last)

        detail = within(
            EVALUATION_FRAMES, lambda: evaluate(a_ruleset_of_bytes(items), "f0", a_context())
        )

        assert detail.reason == "RULE_MATCH"

    def test_its_last_segment_may_be_kept_elsewhere(self) -> None:
        """Whether somebody answers for its members or nobody does."""
        chain = a_deepest_environment()
        last = a_segment(f"s{LIMIT}", external=External())
        ruleset = a_ruleset_of_bytes([*chain[:-1], last])

        asked = within(
            EVALUATION_FRAMES,
            lambda: evaluate(ruleset, "f0", a_context(), lambda segment, key: Membership.IN),
        )
        unasked = within(EVALUATION_FRAMES, lambda: evaluate(ruleset, "f0", a_context()))

        assert asked.reason == "RULE_MATCH"
        assert unasked.membership_unknown


class TestBeyond:
    def test_references_are_found_however_deep_they_stand(self) -> None:
        """They are looked for before anybody has counted the depth."""
        condition: Condition = in_segment("missing")
        for _ in range(5_000):
            condition = not_(condition)

        (fault,) = missing_segments(a_flag(rules=(a_rule(condition),)), {})

        assert fault.message == "there is no segment 'missing'"

    def test_what_a_stack_cannot_hold_is_an_error(self) -> None:
        """On a stack that is nearly full there is an answer, and an explanation without steps."""
        ruleset = a_ruleset_of_bytes(a_deepest_environment())

        told = within(100, lambda: explain(ruleset, "f0", a_context()))

        assert told.detail.error_code == "PARSE_ERROR"
        assert [step.fault for step in told.steps if hasattr(step, "fault")]


def within(frames: int, call: Callable[[], T]) -> T:
    """Return what *call* returns on a stack of its own that holds no more than *frames*."""
    before = sys.getrecursionlimit()
    with ThreadPoolExecutor(1) as stack:
        sys.setrecursionlimit(frames)
        try:
            return stack.submit(call).result()
        finally:
            sys.setrecursionlimit(before)


def faults(item: Flag | Segment) -> list[Any]:
    return faults_of_flag(item) if isinstance(item, Flag) else faults_of_segment(item)


def a_ruleset_of_bytes(items: list[Flag | Segment]) -> Ruleset:
    return Ruleset.of(
        1,
        {item.key: as_bytes(item) for item in items if isinstance(item, Flag)},
        {item.key: as_bytes(item) for item in items if isinstance(item, Segment)},
    )
