"""
The official Python SDK's own evaluator, asked about what the converter made of an environment.

No client is started: nothing is sent, nothing is fetched.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from tests.fuzz.conversion import export
from tests.fuzz.environments import Environment
from tests.fuzz.evaluators import Answer, Question
from tests.fuzz.guards import Diverges, for_sdk


def missing() -> str | None:
    """Return what is not installed that this evaluator needs."""
    return None if find_spec("ldclient") else "launchdarkly-server-sdk is not installed"


class Sdk:
    """`launchdarkly-server-sdk`. `left_out` counts, by reason, what it was not asked."""

    name = "sdk"

    def __init__(self) -> None:
        logging.getLogger("ldclient").addHandler(logging.NullHandler())
        self.left_out: Counter[str] = Counter()

    def answers(
        self, environment: Environment, questions: Sequence[Question]
    ) -> list[Answer | None]:
        if environment.near_limits:
            self.left_out["it knows no limit to chains, and remembers nothing"] += len(questions)
            return [None] * len(questions)
        exported = export(environment)
        if exported is None:
            self.left_out["the environment holds an item that cannot be decoded"] += len(questions)
            return [None] * len(questions)
        evaluator = SdkEvaluator(exported.flags, exported.segments)
        refused = {key for kind, key in exported.refused if kind == "flag"}
        return [self._answer(evaluator, refused, question) for question in questions]

    def _answer(
        self, evaluator: SdkEvaluator, refused: set[str], question: Question
    ) -> Answer | None:
        if question.flag in refused:
            self.left_out["the flag was refused"] += 1
            return None
        try:
            return evaluator.answer(question.flag, for_sdk(question.context))
        except Diverges as reason:
            self.left_out[str(reason)] += 1
            return None


class SdkEvaluator:
    """The SDK's evaluator over flags and segments in its own JSON."""

    def __init__(self, flags: dict[str, Any], segments: dict[str, Any]) -> None:
        from ldclient.impl.evaluator import Evaluator
        from ldclient.impl.events.types import EventFactory
        from ldclient.impl.model import FeatureFlag, Segment

        self._flags = {key: FeatureFlag(data) for key, data in flags.items()}
        read = {key: Segment(data) for key, data in segments.items()}
        self._evaluator = Evaluator(self._flags.get, read.get, lambda key: (None, "NOT_CONFIGURED"))
        self._events = EventFactory(False)

    def answer(self, flag: str, context: dict[str, Any]) -> Answer:
        from ldclient import Context

        if flag not in self._flags:
            return {"reason": "ERROR", "errorCode": "FLAG_NOT_FOUND"}
        read = Context.from_dict(context)
        if not read.valid:
            raise AssertionError(f"The guards let through a context that is invalid: {read.error}")
        detail: Any = self._evaluator.evaluate(self._flags[flag], read, self._events).detail
        reason = detail.reason
        malformed = reason.get("errorKind") == "MALFORMED_FLAG"
        return {
            "index": detail.variation_index,
            "reason": reason["kind"],
            "ruleId": reason.get("ruleId"),
            "ruleIndex": reason.get("ruleIndex"),
            "prerequisite": reason.get("prerequisiteKey"),
            "inExperiment": reason.get("inExperiment", False),
            "errorCode": "PARSE_ERROR" if malformed else reason.get("errorKind"),
        }
