"""The loop: generate, compare, and make what disagrees small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.fuzz.chains import a_chained_environment
from tests.fuzz.chance import Chance
from tests.fuzz.comparison import Disagreement, disagreements
from tests.fuzz.contexts import Contexts
from tests.fuzz.environments import Environment, an_environment
from tests.fuzz.evaluators import Answer, Evaluator, Question
from tests.fuzz.shrink import shrunk

_CONTEXTS: Final = 12
_A_CHAIN_IN: Final = 16
"""One environment in so many is a chain: it has many flags."""
_CHAINED: Final = ({"key": "ada"}, {"key": "eve", "plan": "pro"}, {"key": "eve"})


@dataclass(slots=True)
class Tally:
    """What a run has seen."""

    pairs: int = 0
    environments: int = 0
    found: list[Disagreement] = field(default_factory=list)


def fuzz(evaluators: Sequence[Evaluator], seed: int, go_on: Callable[[Tally], bool]) -> Tally:
    """Compare *evaluators* on one environment after another, as long as *go_on* says."""
    tally = Tally()
    while go_on(tally):
        environment, questions = a_case(seed, tally.environments)
        tally.found.extend(disagreements(evaluators, environment, questions))
        tally.pairs += len(questions)
        tally.environments += 1
    return tally


def a_case(seed: int, number: int) -> tuple[Environment, list[Question]]:
    """Return the environment of that number, and its flags times some contexts."""
    chance = Chance(f"{seed}:{number}")
    if number % _A_CHAIN_IN == 0:
        environment = a_chained_environment(chance)
        return environment, [Question(flag, it) for it in _CHAINED for flag in environment.flags]
    environment = an_environment(chance)
    contexts = Contexts(chance, environment)
    flags = [*environment.flags, *(["missing"] if chance.happens(0.02) else [])]
    made = [contexts.context() for _ in range(_CONTEXTS)]
    return environment, [Question(flag, context) for context in made for flag in flags]


def shrink(found: Disagreement, evaluators: Sequence[Evaluator]) -> Disagreement:
    """Return a small disagreement between the same two evaluators."""
    pair = [it for i, it in enumerate(evaluators) if i == 0 or it.name == found.name]
    before = found.environment
    smallest = [found]

    def still_fails(case: Any) -> bool:
        match case:
            case {"flags": dict(flags), "segments": dict(segments), "context": context}:
                question = Question(found.question.flag, context)
            case _:
                return False
        if not (_keeps_keys(flags, before.flags) and _keeps_keys(segments, before.segments)):
            return False
        smaller = replace(before, flags=flags, segments=segments)
        again = disagreements(pair, smaller, [question])
        smallest[:] = again or smallest
        return bool(again)

    shrunk(
        {
            "flags": before.flags,
            "segments": before.segments,
            "context": found.question.context,
        },
        still_fails,
    )
    return smallest[0]


def _keeps_keys(items: dict[str, Any], before: dict[str, Any]) -> bool:
    """Return whether every item still says what it said its key was."""
    return all(
        key in before and _key_of(item) == _key_of(before[key]) for key, item in items.items()
    )


def _key_of(item: Any) -> Any:
    return item.get("key") if isinstance(item, dict) else None


def conformance_case(found: Disagreement) -> dict[str, Any]:
    """Return a disagreement as `conformance/evaluation/` writes cases; which is right is open."""
    known = found.environment.memberships
    return {
        "name": f"{found.name} disagrees with python",
        "flags": found.environment.flags,
        "segments": found.environment.segments,
        "evaluations": [
            {
                "flag": found.question.flag,
                "context": found.question.context,
                **({"memberships": known} if known else {}),
                "expect": _without_defaults(found.expected),
                found.name: _without_defaults(found.found),
            }
        ],
    }


def _without_defaults(answer: Answer) -> Answer:
    return {
        name: value
        for name, value in answer.items()
        if value is not None and value is not False and name != "flag"
    }
