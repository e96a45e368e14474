"""
Counts answers, for next to nothing each.

An evaluation's answer is made when its flag is loaded and given out again and again, so that it is
enough to count which one it was: one look-up in a dict by identity. What the answers say is read
when the counts are taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple

from pennon.model.detail import Detail, Reason
from pennon.model.events import LONGEST_NAME

MOST_ANSWERS: Final = 4_096
"""How many different answers are held before they are folded: errors are made anew each time."""


class Outcome(NamedTuple):
    """What is counted: a flag served a variation (None: no value) for a reason, in a minute."""

    minute: int
    flag: str
    variation: str | None
    reason: Reason


class Tally:
    """
    The evaluations of one environment since they were last taken.

    At most *most* outcomes are told apart; `lost` counts the evaluations beyond.
    """

    __slots__ = ("_folded", "_minute", "_most", "_seen", "_seen_in_bulk", "lost")

    def __init__(self, minute: int, *, most: int = 20_000) -> None:
        self._minute, self._most = minute, most
        # A plain dict counts one answer in half the time, a Counter many of them.
        self._seen: dict[Detail, int] = {}
        self._seen_in_bulk: Counter[Detail] = Counter()
        self._folded: Counter[Outcome] = Counter()
        self.lost = 0

    def count(self, detail: Detail) -> None:
        """Count one answer."""
        seen = self._seen
        try:
            seen[detail] += 1
        except KeyError:
            seen[detail] = 1
            if len(seen) > MOST_ANSWERS:
                self._fold()

    def count_all(self, details: Sequence[Detail]) -> None:
        """Count the answers of a bulk evaluation."""
        seen = self._seen_in_bulk
        seen.update(details)
        if len(seen) > MOST_ANSWERS:
            self._fold()

    def begin(self, minute: int) -> None:
        """Count from now on towards the minute that began at *minute*."""
        if minute != self._minute:
            self._fold()
            self._minute = minute

    def take(self) -> Counter[Outcome]:
        """Return what was counted since the last call."""
        self._fold()
        taken, self._folded = self._folded, Counter()
        return taken

    def put_back(self, outcomes: Counter[Outcome]) -> None:
        """Take back what could not be kept elsewhere."""
        self._add(outcomes.items())

    def _fold(self) -> None:
        seen, self._seen = self._seen, {}
        in_bulk, self._seen_in_bulk = self._seen_in_bulk, Counter()
        self._add(
            (_outcome(self._minute, detail), count)
            for detail, count in chain(seen.items(), in_bulk.items())
            if detail.error_code != "FLAG_NOT_FOUND"
        )

    def _add(self, outcomes: Iterable[tuple[Outcome, int]]) -> None:
        folded = self._folded
        for outcome, count in outcomes:
            if outcome in folded or len(folded) < self._most:
                folded[outcome] += count
            else:
                self.lost += count


def _outcome(minute: int, detail: Detail) -> Outcome:
    name = detail.variation
    return Outcome(
        minute, detail.flag, None if name is None else name[:LONGEST_NAME], detail.reason
    )
