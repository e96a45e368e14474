"""
Evaluators with one rule of evaluation wrong, to show that the fuzz would find it.

Each is the real one in front of which something is changed: the flags, or the contexts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.fuzz.environments import Environment
from tests.fuzz.evaluators import Answer, Evaluator, Question

Change = Callable[[dict[str, Any]], dict[str, Any]]
"""Returns an object of an environment's JSON as the mutant reads it."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """*evaluator*, given every object in the environment as *change* makes it."""

    name: str
    evaluator: Evaluator
    change: Change

    def answers(
        self, environment: Environment, questions: Sequence[Question]
    ) -> list[Answer | None]:
        changed = replace(
            environment,
            flags=_everywhere(environment.flags, self.change),
            segments=_everywhere(environment.segments, self.change),
        )
        return self.evaluator.answers(changed, questions)


def ignoring(field: str) -> Change:
    """Return a change that leaves *field* out everywhere."""
    return lambda item: {name: value for name, value in item.items() if name != field}


def reading_operator(op: str, other: str) -> Change:
    """Return a change that takes one operator for another."""
    return lambda item: {**item, "op": other} if item.get("op") == op else item


def matching_missing(item: dict[str, Any]) -> dict[str, Any]:
    """Take a negated clause for the negation of the clause."""
    if item.get("negate") and "attribute" in item:
        return {"not": {name: value for name, value in item.items() if name != "negate"}}
    return item


def walking_from_the_end(item: dict[str, Any]) -> dict[str, Any]:
    """Walk a split from its end."""
    split = item.get("split")
    return {**item, "split": split[::-1]} if isinstance(split, list) else item


CHANGES: Final[dict[str, Change]] = {
    "no seed": ignoring("seed"),
    "no experiment": ignoring("experiment"),
    "no untracked": ignoring("untracked"),
    "no kind": ignoring("kind"),
    "no by": ignoring("by"),
    "no weight of a segment's rule": ignoring("weight"),
    "no prerequisites": ignoring("requires"),
    "no targets": ignoring("targets"),
    "no exclusions": ignoring("exclude"),
    "no salt": ignoring("salt"),
    "less is less or equal": reading_operator("lessThan", "lessThanOrEqual"),
    "at least is more": reading_operator("semVerGreaterThanOrEqual", "semVerGreaterThan"),
    "starts is contains": reading_operator("startsWith", "contains"),
    "before is after": reading_operator("before", "after"),
    "exists is nothing": reading_operator("exists", "unknown"),
    "a negated clause matches what is missing": matching_missing,
    "a split is walked from its end": walking_from_the_end,
}


def _everywhere(value: Any, change: Change) -> Any:
    if isinstance(value, dict):
        return change({name: _everywhere(part, change) for name, part in value.items()})
    if isinstance(value, list):
        return [_everywhere(part, change) for part in value]
    return value
