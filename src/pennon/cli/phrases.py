"""A flag's targeting in words: pure functions from the model to a line of text."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from pennon.model.flag import TOTAL_WEIGHT, Condition, Flag, Prerequisite, Rule, Serve, Target
from pennon.model.segment import SegmentRule

_SHOWN_KEYS = 5

_OPERATORS = {
    "in": "is",
    "startsWith": "starts with",
    "endsWith": "ends with",
    "contains": "contains",
    "matches": "matches",
    "lessThan": "<",
    "lessThanOrEqual": "≤",
    "greaterThan": ">",
    "greaterThanOrEqual": "≥",
    "before": "is before",
    "after": "is after",
    "semVerEqual": "is version",
    "semVerLessThan": "is before version",
    "semVerLessThanOrEqual": "is at most version",
    "semVerGreaterThan": "is after version",
    "semVerGreaterThanOrEqual": "is at least version",
    "exists": "is set",
}


def serves_phrase(flag: Flag) -> str:
    """Return what *flag* serves now, in a few words: ``on, 2 rules``."""
    if not flag.enabled:
        return off_phrase(flag)
    exceptions = [
        _count(sum(len(target.keys) for target in flag.targets), "target"),
        _count(len(flag.rules), "rule"),
    ]
    return ", ".join([serve_phrase(flag.default), *filter(None, exceptions)])


def off_phrase(flag: Flag) -> str:
    """Return what *flag* serves while it is off."""
    return "the caller's default" if flag.off is None else flag.off


def serve_phrase(serve: Serve) -> str:
    """Return a variation's name, or the shares of a split: ``20 % on, 80 % off by key``."""
    if serve.split is None:
        return serve.variation or "nothing"
    shares = ", ".join(
        f"{100 * share.weight / TOTAL_WEIGHT:g} % {share.variation}" for share in serve.split
    )
    by = f"{_of_kind(serve.kind)}{serve.by}"
    experiment = f" in experiment {serve.experiment}" if serve.experiment else ""
    return f"{shares} by {by}{experiment}"


def requires_phrase(requires: Prerequisite) -> str:
    """Return ``beta-programme serves on``."""
    return f"{requires.flag} serves {_choice(requires.is_)}"


def target_phrase(target: Target) -> str:
    """Return ``user ada, grace and 3 more → on``."""
    keys = ", ".join(target.keys[:_SHOWN_KEYS])
    more = len(target.keys) - _SHOWN_KEYS
    return f"{target.kind} {keys}{f' and {more} more' if more > 0 else ''} → {target.variation}"


def rule_phrase(rule: Rule) -> str:
    """Return ``Staff: email ends with "@example.com" → on``."""
    name = f"{rule.name}: " if rule.name else ""
    return f"{name}{_all(rule.when)} → {serve_phrase(rule.serve)}"


def segment_rule_phrase(rule: SegmentRule) -> str:
    """Return ``20 % of those with plan is "pro"``."""
    share = "" if rule.weight is None else f"{100 * rule.weight / TOTAL_WEIGHT:g} % of those with "
    return f"{share}{_all(rule.when)}"


def condition_phrase(condition: Condition) -> str:
    """Return a condition in words; the parts of a compound one stand in brackets."""
    if condition.segment is not None:
        return f"{'not ' if condition.negate else ''}in segment {condition.segment}"
    if condition.any_ is not None:
        return f"({' or '.join(map(condition_phrase, condition.any_)) or 'nobody'})"
    if condition.all_ is not None:
        return f"({_all(condition.all_)})"
    if condition.not_ is not None:
        return f"not {_bracketed(condition_phrase(condition.not_))}"
    return _clause(condition)


def _clause(clause: Condition) -> str:
    subject = f"{_of_kind(clause.kind)}{clause.attribute}"
    operator = _OPERATORS.get(clause.op or "", str(clause.op))
    negated = "not " if clause.negate else ""
    if not clause.values:
        return f"{subject} {negated}{operator}"
    return f"{negated}{subject} {operator} {_choice(map(_json, clause.values))}"


def _all(conditions: Iterable[Condition]) -> str:
    return " and ".join(map(condition_phrase, conditions)) or "everyone"


def _choice(names: Iterable[str]) -> str:
    shown = list(names)
    more = len(shown) - _SHOWN_KEYS
    text = " or ".join(shown[:_SHOWN_KEYS])
    return f"{text} or {more} more" if more > 0 else text


def _of_kind(kind: str) -> str:
    return "" if kind == "user" else f"{kind} "


def _bracketed(text: str) -> str:
    return text if text.startswith("(") else f"({text})"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _count(number: int, noun: str) -> str:
    return "" if number == 0 else f"{number} {noun}{'' if number == 1 else 's'}"
