"""What a flag serves a context, as pages are told of it: its value, and which variation it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec

from pennon.evaluation.ruleset import Ruleset
from pennon.evaluation.tracked import is_tracked
from pennon.model.bootstrap import BootstrapFlag
from pennon.model.detail import Detail

_encode = msgspec.json.Encoder().encode


class Served:
    """
    An answer of one flag, which all are given who are answered the same.

    `member` is its JSON as a member of an object, key and all. `share` is what it adds to the
    hash of all answers: their exclusive or, so that one that changes is taken out and put in.
    """

    __slots__ = ("flag", "member", "share")

    def __init__(self, key: str, flag: BootstrapFlag) -> None:
        self.flag = flag
        self.member = b"%b:%b" % (_encode(key), _encode(flag))
        self.share = int.from_bytes(hashlib.sha256(self.member).digest()[:8], "big")

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Served) and self.member == other.member)

    __hash__ = None  # type: ignore[assignment]  # nobody looks one up


def served_by(detail: Detail, ruleset: Ruleset) -> Served | None:
    """Return the answer that *detail* of *ruleset* is; None where there is no value to serve."""
    if detail.index is None:
        return None
    answer = ruleset.told.get(detail)
    if answer is None:
        answer = Served(detail.flag, _flag_of(detail, detail.index, ruleset))
        if not detail.membership_unknown:  # such a detail is made for one evaluation
            ruleset.told[detail] = answer
    return answer


def all_served(details: Iterable[Detail], ruleset: Ruleset) -> dict[str, Served]:
    """Return the answers by flag, in the order of *details*, without those that have no value."""
    answers = ((detail.flag, served_by(detail, ruleset)) for detail in details)
    return {key: answer for key, answer in answers if answer is not None}


def _flag_of(detail: Detail, index: int, ruleset: Ruleset) -> BootstrapFlag:
    flag = ruleset.flag(detail.flag)
    value = typed_value(detail, ruleset)
    if flag is None or not is_tracked(flag, detail):
        return BootstrapFlag(value=value, variation=index)
    return BootstrapFlag(value=value, variation=index, track=True, rule_id=detail.rule_id)


def typed_value(detail: Detail, ruleset: Ruleset) -> Any:
    """Return the value; a float flag's, which may have been written as 1, as 1.0."""
    value = detail.value
    if type(value) is int and ruleset.type_of(detail.flag) == "float":
        with suppress(OverflowError):  # no float is that large: it stays what it is
            return float(value)
    return value
