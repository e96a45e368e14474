"""Their clauses as our conditions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pennon.compat.launchdarkly import model as theirs
from pennon.compat.launchdarkly.export_clauses import SEGMENT_MATCH
from pennon.compat.launchdarkly.names import DEFAULT_KIND, attribute_of
from pennon.compat.launchdarkly.patterns import import_pattern
from pennon.compat.launchdarkly.values import CONVERTED_BY
from pennon.model.flag import Condition

_OPERATORS: Final = frozenset(CONVERTED_BY) | {"in"}
"""What their model knows; an operator that only ours has is unknown to them."""


def import_clauses(clauses: Iterable[theirs.Clause], path: str) -> tuple[Condition, ...]:
    """Return *clauses* as conditions, all of which must hold. Raises Refused."""
    return tuple(_condition(clause, f"{path}[{i}]") for i, clause in enumerate(clauses))


def _condition(clause: theirs.Clause, path: str) -> Condition:
    if clause.op == SEGMENT_MATCH:
        return _segments(clause)
    known = clause.op in _OPERATORS
    kind = theirs.given(clause.context_kind)
    return Condition(
        attribute=attribute_of(clause.attribute, kind),
        # An unknown operator matches nothing before it is negated, like a list of no values.
        op=clause.op if known else "in",
        values=_values(clause, path) if known else (),
        negate=clause.negate,
        kind=kind or DEFAULT_KIND,
    )


def _segments(clause: theirs.Clause) -> Condition:
    keys = [key for key in clause.values if isinstance(key, str)]
    if len(keys) == 1:
        return Condition(segment=keys[0], negate=clause.negate)
    found = Condition(any_=tuple(Condition(segment=key) for key in keys))
    return Condition(not_=found) if clause.negate else found


def _values(clause: theirs.Clause, path: str) -> tuple[Any, ...]:
    if clause.op != "matches":
        return clause.values
    return tuple(
        import_pattern(value, f"{path}.values[{i}]") if isinstance(value, str) else value
        for i, value in enumerate(clause.values)
    )
