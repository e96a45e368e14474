"""Why a value was served, in OpenFeature's words."""

from __future__ import annotations

from typing import Literal, Protocol

from pennon.evaluation.ruleset import Ruleset
from pennon.model.detail import Reason

OpenFeatureReason = Literal["DISABLED", "TARGETING_MATCH", "SPLIT", "STATIC", "DEFAULT", "ERROR"]


class Reasoned(Protocol):
    """What says why a flag served what it did: a detail, or what was made of one."""

    @property
    def flag(self) -> str: ...
    @property
    def reason(self) -> Reason: ...
    @property
    def split(self) -> bool: ...


def openfeature_reason(detail: Reasoned, ruleset: Ruleset) -> OpenFeatureReason:
    """
    Return the reason of *detail*, which *ruleset* gave.

    Only STATIC needs the ruleset: it says that the flag serves everyone the same, because it has
    no targets, rules or prerequisites.
    """
    match detail.reason:
        case "ERROR":
            return "ERROR"
        case "OFF":
            return "DISABLED"
        case "PREREQUISITE_FAILED":
            return "DEFAULT"
        case "TARGET_MATCH" | "RULE_MATCH":
            return "SPLIT" if detail.split else "TARGETING_MATCH"
        case "FALLTHROUGH":
            if detail.split:
                return "SPLIT"
            return "STATIC" if is_static(ruleset, detail.flag) else "DEFAULT"


def is_static(ruleset: Ruleset, flag_key: str) -> bool:
    """Return whether a flag has no targets, rules or prerequisites."""
    flag = ruleset.flag(flag_key)
    return flag is not None and not (flag.targets or flag.rules or flag.requires)
