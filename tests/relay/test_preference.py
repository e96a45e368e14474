"""Which of several parents is followed: a table of stories, and what holds in all of them."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pennon.relay.preference import Preference
from tests.builders.relay import Clock

SETTLE = 30.0


class Choice(Preference):
    """A choice among two parents, or more, with a clock that tests move and jitter of a half."""

    def __init__(self, count: int = 2, jitter: float = 0.5) -> None:
        self.clock = Clock()
        super().__init__(count, clock=self.clock, random=lambda: jitter, settle=SETTLE)

    def choose_and_follow(self) -> tuple[int, float]:
        number, wait = self.choose()
        self.clock.now += wait
        self.follow(number)
        return number, wait

    def pass_time(
        self, seconds: int, *healthy: int, out_of_touch: bool = False, step: int = 1
    ) -> int | None:
        """Look at the parents every *step* seconds; return the first that is better, if any."""
        for _ in range(0, seconds, step):
            self.clock.now += step
            for number in self.to_probe(out_of_touch=out_of_touch):
                self.probed(number, healthy=number in healthy)
            if (better := self.better(out_of_touch=out_of_touch)) is not None:
                return better
        return None


def failed_over(count: int = 2) -> Choice:
    """Return a choice that has lost its first parent and follows the second."""
    choice = Choice(count)
    choice.choose_and_follow()
    choice.lost(0)
    choice.choose_and_follow()
    return choice


class TestFailOver:
    def test_the_first_first(self) -> None:
        """Who is preferred is asked first."""
        assert Choice(3).choose() == (0, 0.0)

    def test_the_next_at_once(self) -> None:
        """The next is asked without waiting."""
        choice = Choice(3)
        choice.choose_and_follow()
        choice.lost(0)
        assert choice.choose_and_follow() == (1, 0.0)
        choice.lost(1)

        assert choice.choose() == (2, 0.0)

    def test_all_are_lost(self) -> None:
        """Where all are, the one that may be asked soonest is waited for."""
        choice = Choice()
        choice.lost(0, retry_after=7.0)
        choice.lost(1, retry_after=3.0)

        assert choice.choose() == pytest.approx((1, 3.25))

    def test_one_parent(self) -> None:
        """A single parent is asked again, each time after a longer wait."""
        choice = Choice(1)
        waits = []
        for _ in range(6):
            waits.append(choice.choose_and_follow()[1])
            choice.lost(0)

        assert waits == pytest.approx([0.0, 0.25, 0.25, 0.25, 0.375, 0.5625])

    def test_health_resets_the_wait(self) -> None:
        """A parent that was followed for a minute is asked again as if nothing had been."""
        choice = Choice(1)
        for _ in range(5):
            choice.choose_and_follow()
            choice.lost(0)
        choice.choose_and_follow()
        choice.clock.now += 61
        choice.lost(0)

        assert choice.choose() == pytest.approx((0, 0.25))

    def test_asked_again(self) -> None:
        """A pump that asks again, such as after a gap, stays where it is."""
        choice = failed_over()
        choice.clock.now += 3600

        assert choice.choose() == (1, 0.0)

    @pytest.mark.parametrize(("wish", "waits"), [(1e12, 3600.25), (-5.0, 0.25), (2.0, 2.25)])
    def test_what_a_parent_asks_for(self, wish: float, waits: float) -> None:
        """Its wish is obeyed within reason."""
        choice = Choice(1)
        choice.lost(0, retry_after=wish)

        assert choice.choose() == pytest.approx((0, waits))


class TestFailBack:
    def test_not_at_once(self) -> None:
        """A preferred parent must be healthy for the time to settle, and a part of it again."""
        choice = failed_over()

        assert choice.pass_time(45, 0) is None
        assert choice.pass_time(2, 0) == 0

    def test_unsteady(self) -> None:
        """One that was unhealthy in between begins again."""
        choice = failed_over()
        choice.pass_time(40, 0)
        choice.pass_time(1)

        assert choice.pass_time(44, 0) is None

    def test_the_most_preferred(self) -> None:
        """Of several the most preferred is moved to, and none that is less so than this one."""
        choice = failed_over(4)
        choice.lost(1)
        choice.choose_and_follow()
        choice.lost(2)
        choice.choose_and_follow()
        assert choice.followed == 3
        choice.follow(2)

        assert choice.to_probe(out_of_touch=False) == [0, 1]
        assert choice.pass_time(60, 1, 3) == 1

    def test_in_vain(self) -> None:
        """One that was moved to and lost at once has to settle for twice as long."""
        choice = failed_over()
        choice.follow(0)
        choice.lost(0)
        choice.follow(1)

        assert choice.pass_time(90, 0) is None
        assert choice.pass_time(2, 0) == 0

    def test_no_herd(self) -> None:
        """Nodes with different luck return at different times."""
        times = []
        for jitter in (0.0, 0.3, 0.9):
            choice = Choice(2, jitter)
            choice.follow(1)
            choice.pass_time(1000, 0)
            times.append(choice.clock.now)

        assert times == [31, 40, 58]


class TestOutOfTouch:
    def test_any_is_better(self) -> None:
        """From a parent that has lost touch itself, any healthy one is a way out, at once."""
        choice = Choice(3)
        choice.choose_and_follow()

        assert choice.pass_time(5, 2) is None
        assert choice.pass_time(1, 2, out_of_touch=True) == 2


class Policy(RuleBasedStateMachine):
    """Any order of losses, goodbyes, looks and waits."""

    @initialize(count=st.integers(1, 4), jitter=st.floats(0, 0.99))
    def start(self, count: int, jitter: float) -> None:
        self.choice, self.count = Choice(count, jitter), count
        self.barred: dict[int, float] = {}
        self.connected = False

    @precondition(lambda self: not self.connected)
    @rule()
    def connect(self) -> None:
        """Nobody is asked sooner than they wish, and nobody waits while another was never lost."""
        number, wait = self.choice.choose()
        assert wait == 0 or len(self.barred) == self.count
        self.choice.clock.now += wait
        assert self.barred.get(number, 0.0) <= self.choice.clock.now
        self.choice.follow(number)
        self.connected = True

    @precondition(lambda self: self.connected)
    @rule(wish=st.none() | st.floats(0, 100))
    def lose(self, wish: float | None) -> None:
        number = self.choice.followed
        assert number is not None
        self.choice.lost(number, wish)
        self.barred[number] = self.choice.clock.now + (wish or 0.0)
        self.connected = False

    @precondition(lambda self: self.connected)
    @rule(healthy=st.sets(st.integers(0, 3)), seconds=st.integers(1, 40))
    def time(self, healthy: set[int], seconds: int) -> None:
        """Time passes; a better parent is preferred to this one, and was seen to be healthy."""
        better = self.choice.pass_time(seconds, *healthy)
        if better is not None:
            assert self.choice.followed is not None
            assert better < self.choice.followed
            assert better in healthy
            self.choice.follow(better)

    @invariant()
    def one_is_followed(self) -> None:
        """Who is connected follows one of those that there are."""
        if getattr(self, "connected", False):
            assert self.choice.followed in range(self.count)

    def teardown(self) -> None:
        """Once all are well for long enough, the most preferred is followed."""
        if hasattr(self, "connected"):
            if not self.connected:
                self.connect()
            for _ in range(self.count):
                if (
                    better := self.choice.pass_time(5000, *range(self.count), step=100)
                ) is not None:
                    self.choice.follow(better)

            assert self.choice.followed == 0


TestPolicy = Policy.TestCase
TestPolicy.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
