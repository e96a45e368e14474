"""How long to wait before asking a parent again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pennon.relay.backoff import Backoff

lucks = st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=60)


def delays(luck: list[float], backoff: Backoff | None = None) -> list[float]:
    left = iter(luck)
    backoff = backoff or Backoff(lambda: next(left))
    return [backoff.next() for _ in luck]


class TestBackoff:
    @given(lucks)
    def test_never_longer_than_the_outage(self, luck: list[float]) -> None:
        """A delay is at most all that was waited before, though 0.5 s are always allowed."""
        waited = 0.0
        for delay in delays(luck):
            assert 0 <= delay <= max(waited, 0.5)
            waited += delay

    @given(lucks)
    def test_at_most_half_a_minute(self, luck: list[float]) -> None:
        """However long the outage, the end of it is seen within half a minute."""
        assert max(delays(luck)) <= 30.0

    def test_grows(self) -> None:
        """With the longest of delays it doubles; with the shortest there is no wait at all."""
        assert delays([1.0] * 8) == [0.5, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
        assert delays([0.0] * 3) == [0.0, 0.0, 0.0]

    def test_reset(self) -> None:
        """After a time of health it begins again."""
        backoff = Backoff(lambda: 1.0)
        delays([1.0] * 6, backoff)
        backoff.reset()

        assert backoff.next() == 0.5
