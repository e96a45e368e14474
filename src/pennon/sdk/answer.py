"""What a client answers when it is asked for more than the value."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from msgspec import Struct

from pennon.model.detail import Detail, ErrorCode, Reason

T = TypeVar("T")

AnswerError = ErrorCode | Literal["TYPE_MISMATCH", "NOT_READY", "GENERAL"]


class Answer(Struct, Generic[T], frozen=True, kw_only=True, omit_defaults=True):
    """
    The value that a flag serves, and why.

    `value` is the caller's default where the flag has none to serve or the reason is ``"ERROR"``;
    `variation` is None then. `stale_ms` says for how long nothing was heard of the environment,
    where that is too long. `version` is the flag's, 0 where it is not known.
    """

    flag: str
    value: T
    variation: str | None = None
    reason: Reason
    rule_id: str | None = None
    prerequisite: str | None = None
    split: bool = False
    in_experiment: bool = False
    version: int = 0
    stale_ms: int | None = None
    membership_unknown: bool = False
    error_code: AnswerError | None = None
    error_message: str | None = None


def answer_of(detail: Detail, value: T, stale_ms: int | None) -> Answer[T]:
    """Return *detail* as an answer that has *value*."""
    return Answer(
        flag=detail.flag,
        value=value,
        variation=detail.variation,
        reason=detail.reason,
        rule_id=detail.rule_id,
        prerequisite=detail.prerequisite,
        split=detail.split,
        in_experiment=detail.in_experiment,
        version=detail.version,
        stale_ms=stale_ms,
        membership_unknown=detail.membership_unknown,
        error_code=detail.error_code,
        error_message=detail.error_message,
    )


def failure(
    flag: str, value: T, code: AnswerError, message: str, version: int, stale_ms: int | None
) -> Answer[T]:
    """Return the answer that has the caller's default, since something is wrong."""
    return Answer(
        flag=flag,
        value=value,
        reason="ERROR",
        version=version,
        stale_ms=stale_ms,
        error_code=code,
        error_message=message,
    )
