from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.evaluation import interpret
from pennon.evaluation.evaluate import evaluate, evaluate_all
from pennon.evaluation.operators import OPERATORS
from pennon.evaluation.pattern.search import with_automaton, with_re2
from pennon.evaluation.pattern.syntax import parse_pattern
from pennon.evaluation.plan_flag import plan_flag
from pennon.evaluation.ruleset import Ruleset
from pennon.model.context import Context
from pennon.model.flag import Flag
from pennon.model.segment import Segment
from tests.builders.flags import (
    a_clause,
    a_context,
    a_flag,
    a_rule,
    a_ruleset,
    as_bytes,
    in_segment,
    splitting,
)
from tests.evaluation import strategies

Environment = tuple[dict[str, Flag], dict[str, Segment]]


def nested(inner: Any, depth: int, wrap: Callable[[Any], Any]) -> Any:
    for _ in range(depth):
        inner = wrap(inner)
    return inner


MEGABYTE = 1 << 20
VALUES: dict[str, Any] = {
    "an integer beyond float64": 10**400,
    "a negative one": -(10**400),
    "an integer beyond 64 bits": 2**64 + 1,
    "not a number": math.nan,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "half of a surrogate pair": "\ud800",
    "the halves the wrong way round": "\ude00\ud83d",
    "a megabyte of text": "a" * MEGABYTE,
    "a megabyte of digits": "1" * MEGABYTE,
    "a version of a megabyte": "1.0.0-" + "9" * MEGABYTE,
    "a megabyte of elements": ["a" * 1000] * (MEGABYTE // 1000),
    "an object of a megabyte": {f"name-{index}": "a" * 1000 for index in range(MEGABYTE // 1000)},
    "objects a thousand deep": nested("a", 1000, lambda inner: {"a": inner}),
    "arrays a thousand deep": nested("a", 1000, lambda inner: [inner]),
}
"""What a context may hold by accident or on purpose."""

DATES = ("2024-01-01T00:00:00Z", 0)

each_value = pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())


class TestFlags:
    @given(strategies.json, strategies.json, strategies.contexts)
    def test_json_of_any_shape_is_a_flag_or_malformed(
        self, flag: Any, segment: Any, context: Context
    ) -> None:
        """What is not a flag is malformed, and answers so."""
        ruleset = Ruleset(1)
        ruleset.set_flag("a", encoded(flag), 1)
        ruleset.set_segment("a", encoded(segment), 1)

        assert evaluate(ruleset, "a", context).flag == "a"

    @given(strategies.environments, strategies.contexts, st.data())
    def test_any_part_may_have_any_shape(
        self, environment: Environment, context: Context, data: st.DataObject
    ) -> None:
        """One field of a good flag is replaced by whatever comes."""
        flags, segments = environment
        for key, flag in flags.items():
            tree = msgspec.to_builtins(flag)
            field = data.draw(st.sampled_from(sorted(tree)))
            tree[field] = data.draw(strategies.json)
            ruleset = Ruleset.of(1, {**flags, key: encoded(tree)}, segments)

            assert len(evaluate_all(ruleset, context)) == len(flags)

    @pytest.mark.parametrize("field", ["rules", "variations", "requires", "metadata"])
    def test_json_nested_a_thousand_deep_is_malformed(self, field: str) -> None:
        """The flag as a whole, or in that part."""
        deep = "[" * 1000 + "]" * 1000
        ruleset = Ruleset(1)
        ruleset.set_flag("f", with_field(field, deep), 1)

        assert evaluate(ruleset, "f", a_context()).error_code == "PARSE_ERROR"

    def test_conditions_nested_a_thousand_deep_are_malformed(self) -> None:
        """Decoded or not, they are an error where they are reached."""
        deep = '{"not": ' * 1000 + "{}" + "}" * 1000
        rules = f'[{{"id": "r", "when": [{deep}], "serve": {{"variation": "on"}}}}]'
        ruleset = Ruleset(1)
        ruleset.set_flag("f", with_field("rules", rules), 1)

        assert evaluate(ruleset, "f", a_context()).error_code == "PARSE_ERROR"

    def test_values_nested_beyond_the_stack_are_compared(self) -> None:
        """Equality of two values needs no stack."""
        left = nested("x", 5000, lambda inner: [inner])
        right = nested("x", 5000, lambda inner: [inner])
        rule = a_rule(a_clause("x", "in", left))

        detail = evaluate(a_ruleset(a_flag(rules=(rule,))), "f", a_context(x=[right]))

        assert detail.reason == "RULE_MATCH"


class TestSegments:
    @given(strategies.json, strategies.contexts)
    def test_json_of_any_shape_is_a_segment_or_malformed(
        self, segment: Any, context: Context
    ) -> None:
        """A flag that reaches it answers yes, no, or that it is malformed."""
        ruleset = a_ruleset(a_flag(rules=(a_rule(in_segment()),)))
        ruleset.set_segment("s", encoded(segment), 1)

        detail = evaluate(ruleset, "f", context)

        assert detail.error_code in (None, "PARSE_ERROR")

    @given(strategies.segments("s"), strategies.contexts, st.data())
    def test_any_part_may_have_any_shape(
        self, segment: Segment, context: Context, data: st.DataObject
    ) -> None:
        """One field of a good segment is replaced by whatever comes."""
        tree = msgspec.to_builtins(segment)
        field = data.draw(st.sampled_from(sorted(tree)))
        tree[field] = data.draw(strategies.json)
        ruleset = a_ruleset(a_flag(rules=(a_rule(in_segment()),)))
        ruleset.set_segment("s", encoded(tree), 1)

        detail = evaluate(ruleset, "f", context)

        assert detail.error_code in (None, "PARSE_ERROR")


class TestContexts:
    @given(strategies.environments, strategies.json)
    def test_json_of_any_shape_is_a_context_or_refused(
        self, environment: Environment, value: Any
    ) -> None:
        """Reading it raises BadInput and nothing else; what was read is evaluated."""
        ruleset = Ruleset.of(1, *environment)
        try:
            context = Context.of(value)
        except BadInput:
            return

        assert len(evaluate_all(ruleset, context)) == len(ruleset)

    @given(strategies.environments, st.dictionaries(st.text(), strategies.attributes))
    def test_attributes_may_have_any_shape(
        self, environment: Environment, attributes: dict[str, Any]
    ) -> None:
        """Arrays, objects, NaN, lone surrogates, integers beyond 64 bits."""
        ruleset = Ruleset.of(1, *environment)

        assert len(evaluate_all(ruleset, Context({"user": attributes}))) == len(ruleset)

    @each_value
    @pytest.mark.parametrize("op", OPERATORS)
    def test_every_operator_takes_every_value(self, op: str, value: Any) -> None:
        """In one step or the other: inline, or by the interpreter, with the same answer."""
        asked: tuple[list[Any], ...] = ([1], ["a"], [1e308, "1.0.0"], [[], {}], [*DATES])
        rules = (a_rule(a_clause("x", op, *values), id=str(values)) for values in asked)
        flag = a_flag(rules=tuple(rules))
        context = a_context(x=value)

        detail = evaluate(a_ruleset(flag), "f", context)

        assert detail == interpret.serve(plan_flag("f", flag, Ruleset().tables), context.kinds)

    @each_value
    def test_every_value_falls_in_a_split(self, value: Any) -> None:
        """By an attribute that holds it, and as the key itself."""
        by_attribute = splitting(("on", 50_000), ("off", 50_000), by="x")
        by_key = splitting(("on", 50_000), ("off", 50_000))
        ruleset = a_ruleset(a_flag("f", default=by_attribute), a_flag("g", default=by_key))

        assert evaluate(ruleset, "f", a_context(x=value)).split
        assert evaluate(ruleset, "g", a_context(value)).reason in ("FALLTHROUGH", "ERROR")

    def test_a_path_may_lead_a_thousand_deep(self) -> None:
        """And past the end of what is there."""
        clauses = (a_clause("/x" + "/a" * depth, "in", "a") for depth in (1000, 1001))
        deep, deeper = (a_rule(clause, id=str(index)) for index, clause in enumerate(clauses))
        context = a_context(x=VALUES["objects a thousand deep"])

        assert evaluate(a_ruleset(a_flag(rules=(deep,))), "f", context).rule_id == "0"
        assert evaluate(a_ruleset(a_flag(rules=(deeper,))), "f", context).rule_id is None

    def test_a_value_that_is_no_json_raises_nothing(self) -> None:
        """Code may put anything into a context; what is no JSON matches nothing and is n = 0."""
        split = splitting(("off", 1), ("on", 99_999), by="x")
        flag = a_flag(rules=(a_rule(a_clause("x", "contains", "a")),), default=split)
        ruleset = a_ruleset(flag)

        for value in (b"a", object(), {"a"}, 1j, type, Codec()):
            assert evaluate(ruleset, "f", a_context(x=value)).variation == "off"


class Codec:
    """Has the method of a string, and means something else by it."""

    def encode(self) -> int:
        return 1


CATASTROPHES = (
    "^(a+)+$",
    "^(a|aa)+$",
    "^(a|a?)+$",
    "^(.*)*$x",
    "a.*a.*a.*b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(a?){100}a{100}$",
    "(.{1,30}){30}x",
    "(?:" * 32 + "a" + ")+" * 32 + "$",
)
"""Patterns that keep a backtracking engine busy for minutes or years with `aaa…!`."""


@pytest.mark.parametrize("pattern", CATASTROPHES)
class TestPatterns:
    def test_they_reach_re2_as_they_are(self, pattern: str) -> None:
        """It takes them all, and is linear by its nature."""
        search = with_re2(pattern)
        assert search is not None

        assert not search("a" * 4000 + "!")

    def test_steps_of_our_automaton_grow_with_the_subject_alone(self, pattern: str) -> None:
        """Ten times the subject is never more than about ten times the work."""
        tree = parse_pattern(pattern)
        short, long = (
            steps(lambda: with_automaton(tree)("a" * length + "!"))  # noqa: B023
            for length in (400, 4000)
        )

        assert long <= 10 * short + 4000

    def test_a_rule_answers_at_once(self, pattern: str) -> None:
        """Whichever engine there is: no match, and the next rule is asked."""
        flag = a_flag(rules=(a_rule(a_clause("x", "matches", pattern)), a_rule(id="next")))

        assert evaluate(a_ruleset(flag), "f", a_context(x="a" * 4000 + "!")).rule_id == "next"


def steps(call: Callable[[], object]) -> int:
    """Return how many functions *call* calls, those of the interpreter included."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return count


def with_field(field: str, text: str) -> bytes:
    """Return a flag, too deep for any encoder, with *text* in one field."""
    known = as_bytes(a_flag(off=None)).decode()
    return f'{known[:-1]}, "{field}": {text}}}'.encode()


def encoded(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return b'"\\ud800"'
