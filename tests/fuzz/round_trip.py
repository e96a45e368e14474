"""
Our evaluator after a journey: the environment is exported, imported, and then evaluated.

One whose chains are near the limits stays at home: trees of conditions come back as segments, and
chains grow longer by that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from pennon.compat.launchdarkly import import_environment
from tests.fuzz.conversion import export
from tests.fuzz.environments import Environment
from tests.fuzz.evaluators import Answer, OursInPython, Question

_KEPT: Final = (
    "index",
    "reason",
    "ruleId",
    "ruleIndex",
    "prerequisite",
    "split",
    "inExperiment",
    "errorCode",
    "membershipUnknown",
    "version",
)
"""What a journey keeps: all but the names of variations, which the other model does not have."""


class RoundTrip:
    """`import_environment(export_environment(…))`, evaluated in Python."""

    name = "round trip"

    def answers(
        self, environment: Environment, questions: Sequence[Question]
    ) -> list[Answer | None]:
        exported = None if environment.near_limits else export(environment)
        if exported is None:
            return [None] * len(questions)
        imported = import_environment(exported.flags, exported.segments)
        back = Environment(
            msgspec.to_builtins(imported.flags),
            msgspec.to_builtins(imported.segments),
            environment.memberships,
        )
        lost = exported.refused.keys() | imported.refused.keys()
        answers = OursInPython().answers(back, questions)
        return [
            None if answer is None or ("flag", question.flag) in lost else _kept(answer)
            for question, answer in zip(questions, answers, strict=True)
        ]


def _kept(answer: Answer) -> Answer:
    return {name: answer[name] for name in _KEPT if name in answer}
