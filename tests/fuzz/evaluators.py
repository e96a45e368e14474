"""What the fuzz asks of every evaluator, and our own in Python, which the others are held to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import msgspec

from pennon.errors import BadInput
from pennon.evaluation import interpret
from pennon.evaluation.compile import watched
from pennon.evaluation.evaluate import evaluate
from pennon.evaluation.explain import explain
from pennon.evaluation.plan_flag import plan_flag
from pennon.evaluation.plan_segment import plan_segment
from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.run import Memberships
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.members import Membership
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
        ruleset = self._ruleset(environment)
        memberships = _asking(environment) if environment.memberships else None
        return [self._answer(ruleset, question, memberships) for question in questions]

    def _ruleset(self, environment: Environment) -> Ruleset:
        return Ruleset.of(1, encoded(environment.flags), encoded(environment.segments))

    def _answer(
        self, ruleset: Ruleset, question: Question, memberships: Memberships | None
    ) -> Answer:
        try:
            context = Context.of(question.context)
        except BadInput:
            return {"reason": "ERROR", "errorCode": "INVALID_CONTEXT"}
        return whole(
            msgspec.to_builtins(self._detail(ruleset, question.flag, context, memberships))
        )

    def _detail(
        self, ruleset: Ruleset, flag: str, context: Context, memberships: Memberships | None
    ) -> Detail:
        return evaluate(ruleset, flag, context, memberships)


class Explained(OursInPython):
    """`pennon.evaluation.explain`: the answer at the end of an explanation."""

    name = "explanation"

    def _detail(
        self, ruleset: Ruleset, flag: str, context: Context, memberships: Memberships | None
    ) -> Detail:
        return explain(ruleset, flag, context, memberships).detail


class Interpreted(OursInPython):
    """`pennon.evaluation.interpret`: nothing is generated."""

    name = "interpreter"

    def _ruleset(self, environment: Environment) -> Ruleset:
        ruleset = super()._ruleset(environment)
        flags, segments = ruleset.tables
        for key, entry in flags.items():
            if entry.flag is not None and not entry.flag.needs:
                plan = plan_flag(key, entry.flag, ruleset.tables)
                entry.serve = partial(interpret.serve, plan)
        for key, place in list(segments.items()):
            if place.segment is not None:
                resolved = plan_segment(place.segment, ruleset.tables)
                place.contains = watched(key, resolved, partial(interpret.contains, resolved))
        return ruleset


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
