"""One environment put to several evaluators, and where they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.fuzz.environments import Environment
from tests.fuzz.evaluators import Answer, Evaluator, Question


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A question to which an evaluator gave another answer than the first one did."""

    environment: Environment
    question: Question
    name: str
    expected: Answer
    found: Answer


def disagreements(
    evaluators: Sequence[Evaluator], environment: Environment, questions: Sequence[Question]
) -> list[Disagreement]:
    """Return where the others disagree with the first of *evaluators*."""
    first, *others = evaluators
    expected = first.answers(environment, questions)
    found = []
    for other in others:
        answers = other.answers(environment, questions)
        for question, wanted, answer in zip(questions, expected, answers, strict=True):
            if wanted is not None and answer is not None and not agree(wanted, answer):
                found.append(Disagreement(environment, question, other.name, wanted, answer))
    return found


def agree(a: Answer, b: Answer) -> bool:
    """Return whether two answers are the same in all that both of them say."""
    return all(_canonical(a[name]) == _canonical(b[name]) for name in a.keys() & b.keys())


def _canonical(value: Any) -> Any:
    """Return *value* so that ``==`` compares as JSON does: true is not 1, but 1.0 is."""
    match value:
        case bool():
            return ("boolean", value)
        case list():
            return [_canonical(item) for item in value]
        case dict():
            return {name: _canonical(item) for name, item in value.items()}
        case _:
            return value
