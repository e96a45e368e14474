"""A clause: what an operator says of an attribute that may be missing, an array, or negated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pennon.evaluation.operators import Test, Values, scalar_test


def clause_test(op: str, values: Values, negate: bool) -> Test:
    """
    Return the test of an attribute's value.

    A missing attribute (None) never matches, negated or not: "country is not US" says nothing
    about a user whose country we do not know. An array matches when any element does, and is
    negated after; only `exists` takes an array as it is.
    """
    scalar = scalar_test(op, values)
    expands = op != "exists"

    def test(value: Any) -> bool:
        if value is None:
            return False
        if expands and isinstance(value, (list, tuple)):
            return any(map(scalar, value)) is not negate
        return scalar(value) is not negate

    return test


class LateTest:
    """
    The test of a clause, made when it is first asked.

    Most never are: a generated function decides strings and numbers by itself.
    """

    __slots__ = ("_clause", "_test")

    def __init__(self, op: str, values: Values, negate: bool) -> None:
        self._clause = op, values, negate
        self._test: Test | None = None

    def __call__(self, value: Any) -> bool:
        return self.made()(value)

    def made(self) -> Test:
        """Return the test itself."""
        if self._test is None:
            self._test = clause_test(*self._clause)
        return self._test


def kind_test(op: str, values: Values, negate: bool) -> Test:
    """Return the test of a context's kinds: any of them may match, and it is negated after."""
    scalar = scalar_test(op, values)

    def test(kinds: Iterable[str]) -> bool:
        return any(map(scalar, kinds)) is not negate

    return test
