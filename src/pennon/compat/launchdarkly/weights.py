"""Weights that add up: what a split's weights mean when their sum is not 100,000."""

from __future__ import annotations

from collections.abc import Sequence

from pennon.model.flag import TOTAL_WEIGHT


def complete(weights: Sequence[int]) -> list[int]:
    """
    Return *weights*, none of them negative, made to sum to 100,000 without moving anybody.

    Past the end of a split the last entry is served, so a shortfall is its. Where the sum passes
    the total the rest is never reached, so an excess is cut.
    """
    left = TOTAL_WEIGHT
    completed = []
    for weight in weights:
        completed.append(min(weight, left))
        left -= completed[-1]
    if completed:
        completed[-1] += left
    return completed
