"""
Conditions as expressions of generated code.

A clause becomes ``inline test if its attribute is a string else the general test``: the common
case costs no call, and everything else is decided by the very function that the interpreter uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pennon.evaluation.numbers import MAX_SAFE_INTEGER, as_number
from pennon.evaluation.operators import strings_of
from pennon.evaluation.plan import (
    AllOf,
    AnyOf,
    Clause,
    Condition,
    InSegment,
    KindClause,
    Not,
    Unresolved,
)
from pennon.evaluation.source import Source

_COMPARISONS: Final = {
    "lessThan": "<",
    "lessThanOrEqual": "<=",
    "greaterThan": ">",
    "greaterThanOrEqual": ">=",
}


def all_hold(source: Source, conditions: Iterable[Condition]) -> str:
    """Return an expression for all of *conditions*, in order."""
    # A list: a generator would take a frame more for each group inside a group.
    return " and ".join([expression(source, condition) for condition in conditions]) or "True"


def hold_first(source: Source, condition: Condition) -> None:
    """Read the attribute that *condition* looks at first into a local: it is read in any case."""
    match condition:
        case Clause():
            source.hold(condition.kind, condition.reference)
        case AnyOf(parts) | AllOf(parts) if parts:
            hold_first(source, parts[0])
        case Not(part):
            hold_first(source, part)


def expression(source: Source, condition: Condition) -> str:
    """Return an expression for *condition*, fit to stand beside `and` and `or`."""
    match condition:
        case Clause():
            return _clause(source, condition)
        case KindClause(test):
            return f"{source.constant(test)}(kinds)"
        case InSegment(key, segments, negate):
            sign = "not " if negate else ""
            entry = f"{source.constant(segments)}[{source.constant(key)}]"
            if source.in_segment:
                return f"{sign}run.reach({entry}).contains(kinds, run)"
            # Named first: CPython reads a slot faster than it looks up a method there.
            return f"{sign}(contains := {entry}.contains)(kinds, run)"
        case AnyOf(parts):
            joined = " or ".join([expression(source, part) for part in parts])
            return f"({joined or 'False'})"
        case AllOf(parts):
            return f"({all_hold(source, parts)})"
        case Not(part):
            return f"(not {expression(source, part)})"
        case Unresolved(message):
            return f"malformed({source.constant(message)})"


def _clause(source: Source, clause: Clause) -> str:
    held = source.held(clause.kind, clause.reference)
    value = held or "v"
    first = held or f"(v := {source.read(clause.kind, clause.reference)})"
    inline = _on_string(source, clause, value)
    guard = f"{first}.__class__ is str"
    if inline is None:
        inline = _on_number(source, clause, value)
        guard = f"{first}.__class__ is int or {value}.__class__ is float"
    if inline is None:
        test = source.constant(clause.test.made())
        return f"{test}({held or source.read(clause.kind, clause.reference)})"
    sign = "not " if clause.negate else ""
    return f"({sign}{inline} if {guard} else {source.constant(clause.test)}({value}))"


def _on_string(source: Source, clause: Clause, value: str) -> str | None:
    """Return the test, not negated, of a *value* that is known to be a string."""
    strings = strings_of(clause.values)
    if not strings:
        return None
    match clause.op:
        case "in" if len(strings) == 1:
            return f"{value} == {source.constant(strings[0])}"
        case "in":
            return f"{value} in {source.constant(frozenset(strings))}"
        case "startsWith":
            return f"{value}.startswith({source.constant(strings)})"
        case "endsWith":
            return f"{value}.endswith({source.constant(strings)})"
        case "contains" if len(strings) == 1:
            return f"{source.constant(strings[0])} in {value}"
    return None


def _on_number(source: Source, clause: Clause, value: str) -> str | None:
    """
    Return the test, not negated, of a *value* that is known to be a number.

    Python compares an integer with a float exactly, which is what float64 says as long as the
    bound is a safe integer away from where float64 begins to round.
    """
    sign = _COMPARISONS.get(clause.op)
    if sign is None or len(clause.values) != 1:
        return None
    bound = as_number(clause.values[0])
    if bound is None or not abs(bound) < MAX_SAFE_INTEGER:
        return None
    return f"{value} {sign} {source.constant(bound)}"
