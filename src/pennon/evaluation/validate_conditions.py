"""What is wrong with conditions before they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from pennon.errors import Fault
from pennon.evaluation.attributes import parse_reference
from pennon.evaluation.dates import moment
from pennon.evaluation.numbers import as_number
from pennon.evaluation.operators import OPERATORS
from pennon.evaluation.pattern.syntax import BadPattern, parse_pattern
from pennon.evaluation.plan_conditions import MAX_NESTING, forms_of
from pennon.evaluation.semver import parse_version
from pennon.evaluation.validate_values import faults_of_value
from pennon.model.context import KIND
from pennon.model.flag import Condition

MAX_CONDITIONS: Final = 500
MAX_VALUES: Final = 10_000


def faults_of_conditions(
    conditions: tuple[Condition, ...], path: str, depth: int = 1
) -> Iterable[Fault]:
    """Return every fault of conditions that stand beside each other at *path*."""
    if len(conditions) > MAX_CONDITIONS:
        yield Fault(path, f"expected at most {MAX_CONDITIONS} conditions, got {len(conditions)}")
    for index, condition in enumerate(conditions):
        yield from _condition(condition, f"{path}[{index}]", depth)


def _condition(condition: Condition, path: str, depth: int) -> Iterable[Fault]:
    if depth > MAX_NESTING:
        yield Fault(path, f"expected conditions that nest at most {MAX_NESTING} deep")
        return
    forms = forms_of(condition)
    if len(forms) != 1:
        got = " and ".join(forms) or "none"
        yield Fault(
            path, f"expected exactly one of a clause, `segment`, `any`, `all` and `not`, got {got}"
        )
        return
    if condition.any_ is not None:
        yield from _only(condition, "`any`", path)
        yield from faults_of_conditions(condition.any_, f"{path}.any", depth + 1)
    elif condition.all_ is not None:
        yield from _only(condition, "`all`", path)
        yield from faults_of_conditions(condition.all_, f"{path}.all", depth + 1)
    elif condition.not_ is not None:
        yield from _only(condition, "`not`", path)
        yield from _condition(condition.not_, f"{path}.not", depth + 1)
    elif condition.segment is not None:
        if condition.segment == "":
            yield Fault(f"{path}.segment", "expected the key of a segment")
        if condition.values:
            yield Fault(f"{path}.values", "expected no values beside `segment`")
    else:
        yield from _clause(condition, path)


def _only(condition: Condition, form: str, path: str) -> Iterable[Fault]:
    """Refuse what belongs to a clause: beside `any` it would be ignored in silence."""
    if condition.negate:
        yield Fault(f"{path}.negate", f"expected no `negate` beside {form}; write `not` around it")
    if condition.values:
        yield Fault(f"{path}.values", f"expected no values beside {form}")


def _clause(clause: Condition, path: str) -> Iterable[Fault]:
    if clause.attribute is None:
        yield Fault(f"{path}.attribute", "expected an attribute's name or path")
    elif parse_reference(clause.attribute) is None:
        yield Fault(
            f"{path}.attribute", "expected an attribute's name, or a path such as '/address/city'"
        )
    if clause.kind in ("kind", "multi") or not KIND.fullmatch(clause.kind):
        yield Fault(f"{path}.kind", "expected a kind of letters, digits, '.', '_' or '-'")
    if clause.op is None:
        yield Fault(f"{path}.op", "expected an operator")
    elif clause.op not in OPERATORS:
        yield Fault(f"{path}.op", f"expected one of {', '.join(OPERATORS)}, got {clause.op!r}")
    elif clause.op == "exists":
        if clause.values:
            yield Fault(
                f"{path}.values", "expected no values: `exists` asks only whether there is one"
            )
        if clause.negate:
            yield Fault(f"{path}.negate", "expected no `negate`; write `not` around the clause")
    else:
        yield from _values(clause.op, clause.values, f"{path}.values")


def _values(op: str, values: tuple[Any, ...], path: str) -> Iterable[Fault]:
    if len(values) > MAX_VALUES:
        yield Fault(path, f"expected at most {MAX_VALUES} values, got {len(values)}")
    expectation = _EXPECTED.get(op)
    for index, value in enumerate(values):
        at = f"{path}[{index}]"
        if expectation is None:
            yield from faults_of_value(value, "json", at)
            continue
        reason = expectation(value)
        if reason is not None:
            yield Fault(at, reason)


def _expects(test: Callable[[Any], bool], message: str) -> Callable[[Any], str | None]:
    return lambda value: None if test(value) else message


def _pattern(value: Any) -> str | None:
    if not isinstance(value, str):
        return "expected a pattern, which is a string"
    try:
        parse_pattern(value)
    except BadPattern as fault:
        return f"expected a portable pattern, got {fault}"
    return None


_STRING: Final = _expects(lambda value: isinstance(value, str), "expected a string")
_NUMBER: Final = _expects(lambda value: as_number(value) is not None, "expected a number")
_MOMENT: Final = _expects(
    lambda value: moment(value) is not None,
    "expected epoch milliseconds, or a time such as '2026-11-22T12:00:00Z'",
)
_VERSION: Final = _expects(
    lambda value: parse_version(value) is not None, "expected a version such as '2.1.0-rc.1'"
)

_EXPECTED: Final[dict[str, Callable[[Any], str | None]]] = {
    **dict.fromkeys(("startsWith", "endsWith", "contains"), _STRING),
    "matches": _pattern,
    **dict.fromkeys(("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"), _NUMBER),
    **dict.fromkeys(("before", "after"), _MOMENT),
    **dict.fromkeys((op for op in OPERATORS if op.startswith("semVer")), _VERSION),
}
"""What each operator expects of a value: the reason why not, or None. `in` takes any JSON."""
