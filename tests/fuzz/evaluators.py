"""What the fuzz asks of every evaluator, and our own in Python, which the others are held to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from pennon.errors import BadInput
from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Membership, Memberships
from pennon.model.context import Context
from pennon.model.detail import Detail
from tests.fuzz.environments import Environment

Answer = dict[str, Any]
"""A detail as JSON. Only the members that an evaluator gives are compared."""


class Question(NamedTuple):
    """A flag, and the JSON of a context."""

    flag: str
    context: Any


class Evaluator(Protocol):
    """Answers questions about an environment; None where it must not be asked."""

    @property
    def name(self) -> str:
        """Return what it is called in reports."""

    def answers(
        self, environment: Environment, questions: Sequence[Question]
    ) -> list[Answer | None]:
        """Return an answer for each question."""


class OursInPython:
    """`pennon.evaluation`."""

    name = "python"

    def answers(
        self, environment: Environment, questions: Sequence[Question]
    ) -> list[Answer | None]:
        ruleset = Ruleset.of(1, encoded(environment.flags), encoded(environment.segments))
        memberships = _asking(environment) if environment.memberships else None
        return [self._answer(ruleset, question, memberships) for question in questions]

    def _answer(
        self, ruleset: Ruleset, question: Question, memberships: Memberships | None
    ) -> Answer:
        try:
            context = Context.of(question.context)
        except BadInput:
            return {"reason": "ERROR", "errorCode": "INVALID_CONTEXT"}
        return whole(msgspec.to_builtins(evaluate(ruleset, question.flag, context, memberships)))


def _asking(environment: Environment) -> Memberships:
    def ask(segment: str, key: str) -> Membership:
        return Membership(environment.memberships.get(segment, {}).get(key, "unanswered"))

    return ask


_DEFAULTS: Answer = {
    name: None if field.default is msgspec.NODEFAULT else field.default
    for field in msgspec.structs.fields(Detail)
    for name in [field.encode_name]
}


def whole(detail: Answer) -> Answer:
    """Return a detail with all its members but the free text and what only a node adds."""
    answer = {**_DEFAULTS, **detail}
    for name in ("errorMessage", "staleMs"):
        answer.pop(name, None)
    return answer


def encoded(items: dict[str, Any]) -> dict[str, bytes]:
    """Return items as they travel."""
    return {key: msgspec.json.encode(item) for key, item in items.items()}
