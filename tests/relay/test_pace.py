"""How fast a node reports to a parent that takes it, and to one that does not."""

from __future__ import annotations

import pytest

from pennon.relay.pace import MOST_SECONDS, Pace


def rests(pace: Pace, *wishes: float | None) -> list[float]:
    return [pace.rest(wish) for wish in wishes]


class TestPace:
    def test_taken(self) -> None:
        """A pause after each report, and no more."""
        assert rests(Pace(1.0, lambda: 0.9), None, None, None) == [1.0, 1.0, 1.0]

    def test_not_taken(self) -> None:
        """Ever longer, up to ten pauses on top."""
        pace = Pace(1.0, lambda: 1.0)

        assert rests(pace, *[0.0] * 7) == [2.0, 2.0, 3.0, 5.0, 9.0, 11.0, 11.0]

    def test_spread(self) -> None:
        """Those that fail together do not come back together."""
        assert rests(Pace(1.0, lambda: 0.25), 0.0, 0.0) == [1.25, 1.25]

    def test_taken_again(self) -> None:
        """One that is taken ends it."""
        assert rests(Pace(1.0, lambda: 1.0), 0.0, 0.0, 0.0, None, 0.0) == [2.0, 2.0, 3.0, 1.0, 2.0]

    @pytest.mark.parametrize(("wish", "rest"), [(7.0, 9.0), (1e9, MOST_SECONDS + 2.0)])
    def test_retry_after(self, wish: float, rest: float) -> None:
        """A parent that says when to come back is left alone for that long, within reason."""
        assert Pace(1.0, lambda: 1.0).rest(wish) == rest
