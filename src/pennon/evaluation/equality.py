"""
Deep equality of JSON values: a boolean never equals a number, numbers compare as float64.

Python's own ``==`` says that ``True == 1`` at every depth, and compares 2**53 + 1 exactly.
"""

from __future__ import annotations

from typing import Any

from pennon.evaluation.numbers import as_number


def json_equal(left: Any, right: Any) -> bool:
    """Return whether two JSON values are equal. Needs no stack, however deep they are."""
    pairs = [(left, right)]
    while pairs:
        one, other = pairs.pop()
        if isinstance(one, dict):
            if not isinstance(other, dict) or one.keys() != other.keys():
                return False
            pairs.extend((one[name], other[name]) for name in one)
        elif isinstance(one, (list, tuple)):
            if not isinstance(other, (list, tuple)) or len(one) != len(other):
                return False
            pairs.extend(zip(one, other, strict=True))
        elif not _scalar_equal(one, other):
            return False
    return True


def _scalar_equal(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and one == other
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool) and one == other
    number = as_number(one)
    return number is not None and number == as_number(other)
