"""
An explanation as an indented tree: what was asked, what was found, what it came to.

``✓`` held, ``✗`` did not, ``!`` cannot be resolved, ``→`` is served, ``·`` is a remark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from pennon.cli.eval_conditions import ConditionLines
from pennon.cli.eval_words import (
    Line,
    bucket_phrase,
    experiment_phrase,
    key_phrase,
    mark_of,
    range_phrase,
)
from pennon.cli.phrases import requires_phrase, serve_phrase
from pennon.evaluation.explain_steps import (
    DefaultStep,
    EnabledStep,
    Explanation,
    FaultStep,
    PrerequisiteStep,
    RuleStep,
    Served,
    Step,
    TargetStep,
)
from pennon.model.flag import Prerequisite

_STYLES = {"✓": "green", "✗": "red", "!": "bold red", "→": "bold", "·": "dim"}
_DEEPEST = 8
"""How far failed prerequisites are unfolded within each other."""


def explanation_text(explanation: Explanation) -> Text:
    """Return every step of *explanation*, in the order in which it was taken."""
    text = Text()
    for line in _Steps(explanation).of(explanation.steps, 1):
        text.append("  " * line.depth)
        text.append(line.mark, style=_STYLES[line.mark])
        text.append(f" {line.words}", style="dim" if line.mark == "·" else "")
        if line.note:
            text.append(f"; {line.note}", style="dim")
        text.append("\n")
    return text


class _Steps:
    """Draws the steps of flags; a prerequisite that fails is unfolded where it is named first."""

    def __init__(self, explanation: Explanation) -> None:
        self._flags = dict(explanation.flags)
        self._conditions = ConditionLines(explanation.segments)

    def of(self, steps: Iterable[Step], depth: int) -> Iterator[Line]:
        for step in steps:
            match step:
                case EnabledStep(holds=holds):
                    state = "on" if holds else "off"
                    yield Line(depth, mark_of(holds), f"the flag is {state}")
                case PrerequisiteStep():
                    yield from self._prerequisite(step, depth)
                case TargetStep():
                    yield from _target(step, depth)
                case RuleStep():
                    yield from self._rule(step, depth)
                case DefaultStep(serves=serves):
                    yield Line(depth, "✓" if serves.fault is None else "!", "otherwise")
                    yield from _served(serves, depth + 1)
                case FaultStep(fault=fault):
                    yield Line(depth, "!", fault)

    def _prerequisite(self, step: PrerequisiteStep, depth: int) -> Iterator[Line]:
        wanted = requires_phrase(Prerequisite(flag=step.flag, is_=step.wanted))
        yield Line(depth, mark_of(step.holds), f"requires that {wanted}", _outcome_phrase(step))
        # One that holds is no reason for what happened after.
        if not step.holds and depth < _DEEPEST and (trace := self._flags.pop(step.flag, None)):
            yield from self.of(trace.steps, depth + 1)

    def _rule(self, step: RuleStep, depth: int) -> Iterator[Line]:
        everyone = "" if step.when else "everyone"
        name = step.name or step.id
        yield Line(depth, mark_of(step.holds), f"rule {step.index + 1}, {name}", everyone)
        yield from self._conditions.of(step.when, step.unasked, depth + 1)
        if step.serves is not None:
            yield from _served(step.serves, depth + 1)


def _outcome_phrase(step: PrerequisiteStep) -> str:
    match step.problem:
        case "missing":
            return "there is no such flag"
        case "disabled":
            return "it is switched off"
        case "malformed":
            return step.fault or "it cannot be read"
    if step.fault is not None:
        return "it is in error"
    return f"it serves {step.served or 'no value'}"


def _target(step: TargetStep, depth: int) -> Iterator[Line]:
    listed = f"{step.count} {step.kind} {'key' if step.count == 1 else 'keys'}"
    words = f"target {step.index + 1}, {listed}"
    yield Line(depth, mark_of(step.holds), words, key_phrase(step.kind, step.key, step.missing))
    if step.holds:
        yield from _served(step.serves, depth + 1)


def _served(served: Served, depth: int) -> Iterator[Line]:
    if served.split is None:
        if served.fault is None:
            yield Line(depth, "→", served.variation or "no value")
        else:
            yield Line(depth, "!", served.fault)
        return
    yield Line(depth, "·", f"split: {serve_phrase(served.split)}")
    bucket = served.bucket
    if bucket is not None:
        hashed = "" if bucket.text is None else f"SHA-1 of {bucket.text}"
        yield Line(depth, "·", bucket_phrase(bucket), hashed)
        if served.fault is None:
            share = f"its share is {range_phrase(bucket)}"
            words = served.variation or "no value"
            yield Line(depth, "→", words, f"{share}{experiment_phrase(served)}")
    if served.fault is not None:
        yield Line(depth, "!", served.fault)
