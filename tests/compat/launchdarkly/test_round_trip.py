"""There and back: what is exported and imported again evaluates as before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.comparison import disagreements
from tests.fuzz.evaluators import OursInPython
from tests.fuzz.round_trip import RoundTrip
from tests.fuzz.run import a_case


class TestRoundTrip:
    @given(seed=st.integers(0, 10**9))
    @settings(max_examples=40, deadline=None)
    def test_nobody_is_moved(self, seed: int) -> None:
        """Every flag that is not refused answers every context as it did."""
        environment, questions = a_case(seed, 0)

        assert disagreements([OursInPython(), RoundTrip()], environment, questions) == []
