"""The answer to an evaluation: the value, and why."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

Reason = Literal["OFF", "PREREQUISITE_FAILED", "TARGET_MATCH", "RULE_MATCH", "FALLTHROUGH", "ERROR"]
ErrorCode = Literal["FLAG_NOT_FOUND", "PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT"]


class Detail(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False):
    """
    What one flag serves one context, and why.

    `variation` and `index` (its place in the flag's variations) are None when there is no value:
    the flag's `off` is null, or the reason is ``"ERROR"``; the caller's default applies then.
    `version` is the flag's version, 0 where the flag is not known.

    Details are equal by what they say and hashed by what they are: one is made for each answer of
    a flag when that is loaded, and who counts answers asks only which of them it was.
    """

    flag: str
    variation: str | None = None
    index: int | None = None
    value: Any = None
    reason: Reason
    rule_id: str | None = None
    rule_index: int | None = None
    prerequisite: str | None = None
    split: bool = False
    in_experiment: bool = False
    version: int = 0
    stale_ms: int | None = None
    membership_unknown: bool = False
    error_code: ErrorCode | None = None
    error_message: str | None = None

    # An answer's value may be a list, which has no hash; and to be counted must cost next to
    # nothing. Who looks up an equal one by this hash would not find it.
    __hash__ = object.__hash__
