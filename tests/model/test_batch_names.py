"""Batches by name: which is the oldest, and which gives way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.model.batch_names import first_to_go, name_of, sort_of
from tests.builders.events import a_batch


class TestNames:
    def test_by_age(self) -> None:
        """Names sort by time, whatever the batches hold."""
        assert name_of(a_batch(at=9), "counts") < name_of(a_batch(at=10), "contexts")

    @pytest.mark.parametrize("sort", ["contexts", "custom", "exposures", "counts"])
    def test_sort(self, sort: str) -> None:
        """A name says what is in the batch."""
        assert sort_of(name_of(a_batch(), sort)) == sort  # type: ignore[arg-type]  # one of them

    def test_of_earlier_versions(self) -> None:
        """A name that does not say is of counts: there was nothing else."""
        assert sort_of(f"{9:016d}-{7:032x}") == "counts"


class TestGivingWay:
    @given(st.lists(st.sampled_from(["contexts", "custom", "exposures", "counts"]), min_size=1))
    def test_least_dear(self, sorts: list[str]) -> None:
        """The oldest goes of what is least dear: contexts, then custom events, counts last."""
        names = [f"{at:016d}-x-{sort}" for at, sort in enumerate(sorts)]
        dearness = ["contexts", "custom", "exposures", "counts"]
        least = min(sorts, key=dearness.index)

        assert first_to_go(names) == names[sorts.index(least)]
