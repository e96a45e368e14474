"""
The operators of a clause, each a function from the clause's values to a test of one scalar.

Values are read once, when a flag is loaded. A value that does not parse is left out: it matches
nothing and hides no other. Negation, missing attributes and arrays belong to `clauses`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, Final

from pennon.evaluation.dates import moment
from pennon.evaluation.equality import json_equal
from pennon.evaluation.numbers import as_number
from pennon.evaluation.pattern.search import compile_pattern
from pennon.evaluation.semver import parse_version

Values = tuple[Any, ...]
Test = Callable[[Any], bool]


def scalar_test(op: str, values: Values) -> Test:
    """Return the test that *op* makes of *values*; an unknown operator matches nothing."""
    make = OPERATORS.get(op)
    return make(values) if make is not None else _never


def strings_of(values: Values) -> tuple[str, ...]:
    """Return those of *values* that are strings."""
    return tuple(value for value in values if isinstance(value, str))


def _never(value: Any) -> bool:
    return False


def _always(values: Values) -> Test:
    return lambda value: True


def _in(values: Values) -> Test:
    strings = frozenset(strings_of(values))
    others = tuple(value for value in values if not isinstance(value, str))

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return value in strings
        return any(json_equal(value, other) for other in others)

    return test


def _starts_with(values: Values) -> Test:
    prefixes = strings_of(values)
    return lambda value: isinstance(value, str) and value.startswith(prefixes)


def _ends_with(values: Values) -> Test:
    suffixes = strings_of(values)
    return lambda value: isinstance(value, str) and value.endswith(suffixes)


def _contains(values: Values) -> Test:
    parts = strings_of(values)
    return lambda value: isinstance(value, str) and any(part in value for part in parts)


def _matches(values: Values) -> Test:
    patterns = _parsed(compile_pattern, strings_of(values))
    return lambda value: isinstance(value, str) and any(search(value) for search in patterns)


def _comparing(
    parse: Callable[[Any], Any], compare: Callable[[Any, Any], bool]
) -> Callable[[Values], Test]:
    """Make an operator that parses both sides with *parse* and compares what it returns."""

    def make(values: Values) -> Test:
        bounds = _parsed(parse, values)

        def test(value: Any) -> bool:
            parsed = parse(value)
            return parsed is not None and any(compare(parsed, bound) for bound in bounds)

        return test

    return make


def _parsed(parse: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    return [parsed for parsed in map(parse, values) if parsed is not None]


OPERATORS: Final[dict[str, Callable[[Values], Test]]] = {
    "in": _in,
    "startsWith": _starts_with,
    "endsWith": _ends_with,
    "contains": _contains,
    "matches": _matches,
    "lessThan": _comparing(as_number, operator.lt),
    "lessThanOrEqual": _comparing(as_number, operator.le),
    "greaterThan": _comparing(as_number, operator.gt),
    "greaterThanOrEqual": _comparing(as_number, operator.ge),
    "before": _comparing(moment, operator.lt),
    "after": _comparing(moment, operator.gt),
    "semVerEqual": _comparing(parse_version, operator.eq),
    "semVerLessThan": _comparing(parse_version, operator.lt),
    "semVerLessThanOrEqual": _comparing(parse_version, operator.le),
    "semVerGreaterThan": _comparing(parse_version, operator.gt),
    "semVerGreaterThanOrEqual": _comparing(parse_version, operator.ge),
    "exists": _always,
}
