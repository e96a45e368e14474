"""What weights mean when they do not add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.compat.launchdarkly.weights import complete


class TestComplete:
    @pytest.mark.parametrize(
        ("weights", "completed"),
        [
            ([50_000, 50_000], [50_000, 50_000]),
            ([10_000, 20_000], [10_000, 90_000]),
            ([60_000, 0], [60_000, 40_000]),
            ([70_000, 70_000, 5], [70_000, 30_000, 0]),
            ([0, 0], [0, 100_000]),
            ([], []),
        ],
    )
    def test_a_shortfall_is_the_last_entrys_and_an_excess_is_cut(
        self, weights: list[int], completed: list[int]
    ) -> None:
        """Nobody is moved: past the end the last entry was served before, too."""

        assert complete(weights) == completed

    @given(st.lists(st.integers(0, 200_000), min_size=1))
    def test_the_sum_is_the_total(self, weights: list[int]) -> None:
        """Whatever the weights were, they sum to 100,000 afterwards."""

        assert sum(complete(weights)) == 100_000

    @given(st.lists(st.integers(0, 200_000), min_size=1), st.integers(0, 99_999))
    def test_every_place_keeps_its_entry(self, weights: list[int], place: int) -> None:
        """A place in the split falls to the same entry before and after."""

        assert _entry(complete(weights), place) == _entry(weights, place)


def _entry(weights: list[int], place: int) -> int:
    reached = 0
    for index, weight in enumerate(weights):
        reached += weight
        if place < reached:
            return index
    return len(weights) - 1
