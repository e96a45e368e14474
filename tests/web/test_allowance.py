"""How often something may be tried."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import TooManyAttempts
from pennon.web.allowance import Allowance


class Clock:
    """A clock in seconds that stands still until a test moves it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def tries(allowance: Allowance, key: str = "ada", most: int = 50) -> int:
    """Return how many attempts are allowed at once."""
    for count in range(most):
        try:
            allowance.take(key)
        except TooManyAttempts:
            return count
    return most


class TestAllowance:
    def test_a_burst_then_a_steady_rate(self) -> None:
        """What is not used is saved up to a burst and no further."""
        clock = Clock()
        allowance = Allowance(5, 30.0, clock)
        seen = [tries(allowance)]
        for waited in (29, 1, 60, 3600):
            clock.now += waited
            seen.append(tries(allowance))

        assert seen == [5, 0, 1, 2, 5]

    def test_says_when_to_come_back(self) -> None:
        """Then, and not before, there is one more."""
        clock = Clock()
        allowance = Allowance(2, 30.0, clock)
        tries(allowance)
        clock.now += 10
        with pytest.raises(TooManyAttempts) as caught:
            allowance.take("ada")

        assert caught.value.retry_after == 20

    def test_keys_do_not_wait_for_each_other(self) -> None:
        """Each has its own."""
        allowance = Allowance(2, 30.0, Clock())

        assert [tries(allowance, key) for key in ("ada", "ada", "eve")] == [2, 0, 2]

    def test_what_succeeded_does_not_count(self) -> None:
        """However often."""
        allowance = Allowance(2, 30.0, Clock())
        for _ in range(10):
            allowance.take("ada")
            allowance.give_back("ada")

        assert tries(allowance) == 2

    def test_memory_is_bounded(self) -> None:
        """The one not tried for longest is forgotten."""
        allowance = Allowance(1, 30.0, Clock(), most=2)
        for key in ("ada", "bob", "eve"):
            allowance.take(key)

        assert [tries(allowance, key) for key in ("eve", "bob", "ada")] == [0, 0, 1]

    @given(st.lists(st.floats(-100, 100), max_size=50))
    def test_nobody_waits_longer_than_one_interval(self, moves: list[float]) -> None:
        """Whatever the clock does, and however much is tried."""
        clock = Clock()
        allowance = Allowance(3, 30.0, clock)
        waits = []
        for move in moves:
            clock.now += move
            try:
                allowance.take("ada")
            except TooManyAttempts as error:
                waits.append(error.retry_after)

        assert all(0 < wait <= 30.001 for wait in waits)
