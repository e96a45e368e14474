"""
Entries for a ruleset's tables: from a flag or segment to the function that answers for it.

An item is compiled when it is first asked for: a node that holds ten thousand flags is ready
before any of them is, and most are never asked. So is the compiler imported with the first item:
it is half of what an application imports that has a client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pennon.evaluation.entries import Contains, FlagEntry, Kinds, SegmentEntry, Serve, Tables
from pennon.evaluation.faults import Malformed, error
from pennon.evaluation.run import Run
from pennon.model.detail import Detail
from pennon.model.flag import Flag
from pennon.model.segment import Segment

if TYPE_CHECKING:
    from pennon.evaluation.plan import SegmentPlan

FEATURES: Final[frozenset[str]] = frozenset()
"""What a flag may list in `needs`: features that not every evaluator has."""


def get_ready() -> None:
    """Import the compiler now, so that no evaluation waits for that."""
    import pennon.evaluation.generate
    import pennon.evaluation.plan_flag
    import pennon.evaluation.plan_segment  # noqa: F401


def flag_entry(key: str, flag: Flag, tables: Tables) -> FlagEntry:
    """Return the entry of *flag*, which stands under *key* and finds others in *tables*."""
    missing = set(flag.needs) - FEATURES
    if missing:
        message = f"The flag needs what this evaluator has not: {', '.join(sorted(missing))}."
        return FlagEntry(key, flag, _always(error(key, "PARSE_ERROR", message, flag.version)))

    def first(kinds: Kinds, run: Run | None) -> Detail:
        from pennon.evaluation.generate import generate_serve
        from pennon.evaluation.plan_flag import plan_flag

        serve = entry.serve = generate_serve(plan_flag(key, flag, tables))
        return serve(kinds, run)

    entry = FlagEntry(key, flag, first)
    return entry


def malformed_flag(key: str, message: str) -> FlagEntry:
    """Return the entry of a flag that could not be decoded."""
    return FlagEntry(key, None, _always(error(key, "PARSE_ERROR", message)))


def segment_entry(key: str, segment: Segment, tables: Tables) -> SegmentEntry:
    """Return the entry of *segment*, which stands under *key* and finds others in *tables*."""

    def first(kinds: Kinds, run: Run | None) -> bool:
        from pennon.evaluation.generate import generate_contains
        from pennon.evaluation.plan_segment import plan_segment

        plan = plan_segment(segment, tables)
        entry.contains = watched(key, plan, generate_contains(plan))
        return entry.contains(kinds, run)

    entry = SegmentEntry(first, segment)
    return entry


def malformed_segment(key: str, message: str) -> SegmentEntry:
    """Return the entry of a segment that could not be decoded: a fault for who reaches it."""

    def contains(kinds: Kinds, run: Run | None) -> bool:
        raise Malformed(f"the segment {key!r}, which is malformed: {message}")

    return SegmentEntry(contains)


def _always(detail: Detail) -> Serve:
    return lambda kinds, run: detail


def watched(key: str, plan: SegmentPlan, inner: Contains) -> Contains:
    """Return *inner*, which answers for *plan*; one that uses segments under watch of a `Run`."""
    from pennon.evaluation.plan_segment import uses_segments

    if not uses_segments(plan):
        return inner

    def contains(kinds: Kinds, run: Run | None) -> bool:
        return (run or Run(kinds)).contains(key, inner)

    return contains
