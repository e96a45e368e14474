"""Portions that a parent reads."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pennon.relay.portions import portions


@given(st.lists(st.integers(0, 20)), st.integers(1, 30))
def test_portions(weights: list[int], most: int) -> None:
    """Nothing is lost or reordered, none is too heavy unless it is one, and none could be more."""
    cut = list(portions(weights, lambda weight: weight, most))

    assert [weight for portion in cut for weight in portion] == weights
    assert all(sum(portion) <= most or len(portion) == 1 for portion in cut)
    assert all(sum(one) + other[0] > most for one, other in pairwise(cut))
