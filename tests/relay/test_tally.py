"""Counting answers."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pennon.evaluation.faults import error
from pennon.relay.tally import MOST_ANSWERS, Outcome, Tally
from tests.builders.events import an_answer

ON, OFF = an_answer("f", "on"), an_answer("f", "off", "OFF")


def an_outcome(variation: str | None = "on", minute: int = 0, flag: str = "f") -> Outcome:
    reason = "OFF" if variation == "off" else "FALLTHROUGH"
    return Outcome(minute, flag, variation, reason)  # type: ignore[arg-type]  # one of the two


class TestTally:
    def test_counts_by_what_was_answered(self) -> None:
        """One by one or in bulk, an answer counts the same."""
        tally = Tally(0)
        tally.count(ON)
        tally.count_all([ON, OFF])

        assert tally.take() == {an_outcome("on"): 2, an_outcome("off"): 1}

    def test_equal_answers_are_one(self) -> None:
        """Answers that were made apart but say the same, as before and after a delta, are one."""
        tally = Tally(0)
        for _ in range(3):
            tally.count(an_answer("f"))

        assert tally.take() == {an_outcome(): 3}

    def test_taken_once(self) -> None:
        """What was taken is gone; what is put back is there again."""
        tally = Tally(0)
        tally.count(ON)
        taken = tally.take()
        assert tally.take() == {}
        tally.put_back(taken)

        assert tally.take() == taken

    def test_minutes(self) -> None:
        """An evaluation counts towards the minute that it was in."""
        tally = Tally(0)
        tally.count(ON)
        tally.begin(60_000)
        tally.count(ON)
        tally.begin(60_000)
        tally.count(ON)

        assert tally.take() == {an_outcome(minute=0): 1, an_outcome(minute=60_000): 2}

    def test_unknown_flags(self) -> None:
        """Whoever asks for flags that there are not fills no memory and no report."""
        tally = Tally(0)
        for number in range(10):
            tally.count(error(f"nothing-{number}", "FLAG_NOT_FOUND", "There is none."))

        assert tally.take() == {}

    def test_errors(self) -> None:
        """An error is made anew for each evaluation; many of them are one outcome still."""
        tally = Tally(0)
        for _ in range(2 * MOST_ANSWERS + 5):
            tally.count(error("f", "PARSE_ERROR", "Reached something.", 7))

        assert len(tally._seen) <= MOST_ANSWERS
        assert tally.take() == {Outcome(0, "f", None, "ERROR"): 2 * MOST_ANSWERS + 5}

    def test_bounded(self) -> None:
        """Past its bound a tally counts what it lost, and goes on with what it knows."""
        tally = Tally(0, most=2)
        tally.count_all([an_answer(flag) for flag in "abcd"])
        tally.begin(60_000)
        tally.put_back(Counter({an_outcome(flag="a"): 5}))

        assert tally.lost == 2
        assert tally.take() == {an_outcome(flag="a"): 6, an_outcome(flag="b"): 1}

    def test_long_names(self) -> None:
        """A name is told as far as the wire takes it."""
        tally = Tally(0)
        tally.count(an_answer("f", "x" * 1000))

        assert [*tally.take()] == [an_outcome("x" * 256)]

    @given(st.lists(st.sampled_from(["one", "bulk", "take", "minute"]), max_size=40))
    def test_nothing_is_lost(self, steps: list[str]) -> None:
        """However it is asked and cut, what is taken adds up to what was counted."""
        tally, taken, counted, minute = Tally(0), Counter[Outcome](), 0, 0
        for step in steps:
            match step:
                case "one":
                    tally.count(ON)
                    counted += 1
                case "bulk":
                    tally.count_all([ON, OFF, ON])
                    counted += 3
                case "take":
                    taken += tally.take()
                case _:
                    minute += 60_000
                    tally.begin(minute)
        taken += tally.take()

        assert (taken.total(), tally.lost) == (counted, 0)
