"""How often a flag served what, as the management API tells it, and how that is put in words."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from pennon.model.flag import Wire


class CountView(Wire, frozen=True, kw_only=True):
    """How often a variation was served for a reason; None where there was no value."""

    variation: str | None = None
    reason: str = ""
    count: int


class EvaluationsView(Wire, frozen=True, kw_only=True):
    """When a flag was last asked for, and what it served of late."""

    last_requested_at: datetime | None = None
    totals: tuple[CountView, ...] = ()


def requested_phrase(at: datetime | None) -> str:
    """Return when a flag was last asked for."""
    return "never" if at is None else at.strftime("%Y-%m-%d %H:%MZ")


def served_phrases(evaluations: EvaluationsView) -> list[str]:
    """Return a line for each variation: ``on 75 % (1,500)``, the most frequent first."""
    counts = Counter[str]()
    for one in evaluations.totals:
        counts[one.variation or "the caller's default"] += one.count
    total = counts.total()
    return [
        f"{name} {100 * count / total:.3g} % ({count:,})" for name, count in counts.most_common()
    ]
