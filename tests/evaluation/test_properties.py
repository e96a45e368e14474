from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pennon.evaluation import interpret
from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.faults import Malformed, NeedsRun
from pennon.evaluation.generate import generate_contains, generate_serve
from pennon.evaluation.interpret import contains
from pennon.evaluation.plan_flag import plan_flag
from pennon.evaluation.plan_segment import plan_segment, uses_segments
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Run
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.flag import Condition, Flag, Serve, Variation
from pennon.model.segment import Segment
from tests.builders.flags import a_context, a_flag, a_rule, a_ruleset, splitting
from tests.evaluation import strategies

Environment = tuple[dict[str, Flag], dict[str, Segment]]


def described(detail: Detail) -> bytes:
    """Return a detail in a form in which NaN equals itself."""
    return msgspec.json.encode(detail)


def answers(ruleset: Ruleset, context: Context) -> list[bytes]:
    return [described(evaluate(ruleset, key, context)) for key in strategies.KEYS]


class TestGenerated:
    @given(strategies.environments, strategies.contexts)
    def test_a_generated_function_answers_as_the_interpreter(
        self, environment: Environment, context: Context
    ) -> None:
        """Whatever a flag says, and whatever it meets: the same detail, or the same fault."""
        ruleset = Ruleset.of(1, *environment)

        for key, flag in environment[0].items():
            plan = plan_flag(key, flag, ruleset.tables)
            generated = outcome(lambda: ruleset.flags[key].serve(context.kinds, None))  # noqa: B023
            interpreted = outcome(lambda: interpret.serve(plan, context.kinds))  # noqa: B023

            assert flag.needs or generated == interpreted

    @given(strategies.environments, strategies.contexts, st.integers(1, 8))
    def test_so_does_one_that_is_cut_into_questions(
        self, environment: Environment, context: Context, limit: int
    ) -> None:
        """A limit that no flag outgrows in practice, made so small that most do."""
        ruleset = Ruleset.of(1, *environment)

        for key, flag in environment[0].items():
            plan = plan_flag(key, flag, ruleset.tables)
            generated = outcome(lambda: generate_serve(plan, limit)(context.kinds, None))  # noqa: B023
            interpreted = outcome(lambda: interpret.serve(plan, context.kinds))  # noqa: B023

            assert generated == interpreted

    @given(strategies.environments, strategies.contexts, st.integers(1, 8))
    def test_so_does_a_segment_that_is_cut_into_questions(
        self, environment: Environment, context: Context, limit: int
    ) -> None:
        """The same, for one that stands at the beginning of a chain."""
        ruleset = Ruleset.of(1, *environment)

        for segment in environment[1].values():
            plan = plan_segment(segment, ruleset.tables)
            generate = generate_contains(plan, limit)
            generated = outcome(lambda: generate(context.kinds, Run(context.kinds)))  # noqa: B023
            interpreted = outcome(lambda: contains(plan, context.kinds, Run(context.kinds)))  # noqa: B023

            assert generated == interpreted

    @settings(max_examples=1000)
    @given(st.lists(strategies.telling_clauses, min_size=1), strategies.plain_contexts)
    def test_a_generated_rule_matches_as_the_interpreter_says(
        self, clauses: list[Condition], context: Context
    ) -> None:
        """Clauses alone, in a rule each, over values that they often meet."""
        rules = tuple(a_rule(clause, id=str(index)) for index, clause in enumerate(clauses))
        flag = a_flag(rules=(a_rule(*clauses, id="all"), *rules))
        ruleset = a_ruleset(flag)
        plan = plan_flag("f", flag, ruleset.tables)

        generated = outcome(lambda: ruleset.flags["f"].serve(context.kinds, None))

        assert generated == outcome(lambda: interpret.serve(plan, context.kinds))

    @given(strategies.serves, strategies.plain_contexts)
    def test_a_generated_split_serves_as_the_interpreter_says(
        self, serve: Serve, context: Context
    ) -> None:
        """By whatever attribute, of whatever kind, with whatever weights."""
        variations = tuple(Variation(name=name, value=name) for name in strategies.NAMES)
        flag = a_flag(type="string", variations=variations, default=serve)
        ruleset = a_ruleset(flag)
        plan = plan_flag("f", flag, ruleset.tables)

        generated = outcome(lambda: ruleset.flags["f"].serve(context.kinds, None))

        assert generated == outcome(lambda: interpret.serve(plan, context.kinds))

    @given(strategies.environments, strategies.contexts)
    def test_a_segment_contains_as_the_interpreter_says(
        self, environment: Environment, context: Context
    ) -> None:
        """The same for segments that use no others, which a `Run` stands between."""
        ruleset = Ruleset.of(1, *environment)

        for key, segment in environment[1].items():
            plan = plan_segment(segment, ruleset.tables)
            if uses_segments(plan):
                continue
            entry = ruleset.tables.segments[key]
            generated = outcome(lambda: entry.contains(context.kinds, None))  # noqa: B023
            interpreted = outcome(lambda: contains(plan, context.kinds))  # noqa: B023

            assert generated == interpreted


def outcome(call: Any) -> Any:
    try:
        answer = call()
    except (Malformed, NeedsRun) as fault:
        return type(fault), str(fault)
    return described(answer) if isinstance(answer, Detail) else answer


class TestDeltas:
    @given(strategies.environments, strategies.environments, strategies.contexts, st.randoms())
    def test_items_set_one_by_one_are_the_whole(
        self, before: Environment, after: Environment, context: Context, random: Any
    ) -> None:
        """Deltas in any order, between evaluations, lead to what a full compilation gives."""
        ruleset = Ruleset.of(1, *before)
        answers(ruleset, context)
        changes = [(kind, key) for kind in (0, 1) for key in strategies.KEYS]
        random.shuffle(changes)

        for version, (kind, key) in enumerate(changes, start=2):
            if kind == 0:
                ruleset.set_flag(key, after[0].get(key), version)
            else:
                ruleset.set_segment(key, after[1].get(key), version)
            answers(ruleset, context)

        assert answers(ruleset, context) == answers(Ruleset.of(2, *after), context)

    @given(strategies.environments, strategies.contexts)
    def test_bytes_and_structs_are_one(self, environment: Environment, context: Context) -> None:
        """A ruleset of what travels answers as one of what was decoded."""
        flags, segments = environment
        wire = Ruleset.of(
            1,
            {key: msgspec.json.encode(flag) for key, flag in flags.items()},
            {key: msgspec.json.encode(segment) for key, segment in segments.items()},
        )

        assert answers(wire, context) == answers(Ruleset.of(1, flags, segments), context)


class TestSplits:
    @given(
        st.text(max_size=12),
        st.integers(0, 100_000),
        st.integers(0, 100_000),
        st.none() | st.integers(1, 99),
    )
    @example("ada", 10_000, 20_000, None)
    def test_growing_a_share_moves_nobody_out(
        self, key: str, one: int, other: int, seed: int | None
    ) -> None:
        """Whoever is in at 10 % is in at 20 %."""
        small, large = sorted((one, other))

        if is_in(key, small, seed):
            assert is_in(key, large, seed)

    @given(st.lists(st.text(min_size=1), min_size=1, max_size=20))
    def test_everybody_gets_100_percent_and_nobody_0(self, keys: list[str]) -> None:
        """At both ends a split is certain."""
        assert all(is_in(key, 100_000, None) for key in keys)
        assert not any(is_in(key, 0, None) for key in keys)


def is_in(key: str, weight: int, seed: int | None) -> bool:
    split = splitting(("on", weight), ("off", 100_000 - weight), seed=seed, by="id")
    ruleset = a_ruleset(a_flag(default=split))
    return evaluate(ruleset, "f", a_context(id=key)).variation == "on"
