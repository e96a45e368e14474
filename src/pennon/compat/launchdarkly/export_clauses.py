"""Our clauses in their terms: one operator may take two of theirs, or a segment made for it."""

from __future__ import annotations

from typing import Final

from pennon.compat.launchdarkly.model import Clause
from pennon.compat.launchdarkly.names import DEFAULT_KIND, checked_kind, checked_reference
from pennon.compat.launchdarkly.values import CONVERTED_BY, export_values, scalars, version
from pennon.evaluation.attributes import KIND as KIND_ATTRIBUTE
from pennon.model.flag import Condition

SEGMENT_MATCH: Final = "segmentMatch"
NEVER: Final = Clause(attribute="kind", op="in", context_kind=DEFAULT_KIND)
"""Matches nobody: a context always has a kind, and no value is listed."""

_OR_EQUAL: Final = {
    "semVerLessThanOrEqual": "semVerLessThan",
    "semVerGreaterThanOrEqual": "semVerGreaterThan",
}


def export_clause(clause: Condition, path: str) -> tuple[Clause, ...]:
    """
    Return the clauses of which one must match; where *clause* is negated, all must.

    Raises Refused for what their model cannot say.
    """
    attribute, op = clause.attribute or "", clause.op or ""
    if checked_reference(attribute, f"{path}.attribute") == KIND_ATTRIBUTE:
        # Written as a path it would not be recognised everywhere.
        attribute = "kind"
    if op == "exists":
        # No value is listed, so negated it matches all that is there.
        names = [("in", (), not clause.negate)]
    elif op == "in":
        names = [("in", scalars(clause.values, path), clause.negate)]
    elif op in _OR_EQUAL:
        values = export_values(clause.values, version, path)
        names = [(name, values, clause.negate) for name in (_OR_EQUAL[op], "semVerEqual")]
    elif op in CONVERTED_BY:
        names = [(op, export_values(clause.values, CONVERTED_BY[op], path), clause.negate)]
    else:
        # An unknown operator is false before it is negated.
        names = [("in", (), clause.negate)]
    kind = checked_kind(clause.kind, f"{path}.kind")
    return tuple(
        Clause(attribute=attribute, op=name, values=values, negate=negate, context_kind=kind)
        for name, values, negate in names
    )


def segment_match(key: str, negate: bool = False) -> Clause:
    """Return the clause that matches who is in a segment; it is never missing anything."""
    return Clause(attribute="", op=SEGMENT_MATCH, values=(key,), negate=negate)


def kind_is(kind: str) -> Clause:
    """Return the clause that matches who has *kind*."""
    return Clause(attribute="kind", op="in", values=(kind,), context_kind=kind)


def is_total(clause: Clause) -> bool:
    """Return whether negating *clause* turns it round for everybody, nothing being missing."""
    return clause.op == SEGMENT_MATCH or clause.attribute == "kind"
