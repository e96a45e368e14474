"""Whose turn it is: a line, and so many openings a second."""

from __future__ import annotations

from pennon.relay.turns import PATIENCE_SECONDS, Turns
from tests.builders.relay import Clock

A, B, C = "shop/a", "shop/b", "shop/c"


def some_turns(*in_line: str) -> tuple[Turns, Clock]:
    clock = Clock(100.0)
    turns = Turns(clock)
    for name in in_line:
        turns.stand_in_line(name)
    return turns, clock


class TestLine:
    def test_first_come(self) -> None:
        """Who came first is first, and nobody else's turn comes before it was taken."""
        turns, _ = some_turns(A, B)

        assert turns.first() == A
        assert turns.wait(B) > 0
        assert turns.wait(A) == 0
        turns.take(A)
        assert turns.first() == B
        assert len(turns) == 1

    def test_to_ask_again_keeps_the_place(self) -> None:
        """Whoever asks again stays where it is, and who does not loses its place."""
        turns, clock = some_turns(A, B, C)
        clock.now += PATIENCE_SECONDS
        turns.stand_in_line(B)
        clock.now += 1
        turns.stand_in_line(C)

        assert turns.first() == B

    def test_granted_no_more(self) -> None:
        """What is not to be had any more waits for nothing."""
        turns, _ = some_turns(A, B)
        turns.keep({B, C})

        assert turns.first() == B
        assert len(turns) == 1


class TestBounds:
    def test_openings_a_second(self) -> None:
        """Some are opened at once, then ten a second."""
        turns, clock = some_turns()

        def open_all() -> int:
            opened = 0
            while not turns.wait(A):
                turns.take(A)
                opened += 1
            return opened

        assert 20 <= open_all() <= 21
        clock.now += 1
        assert open_all() == 10

    def test_looked_for_room(self) -> None:
        """Where there was no room a moment ago, nobody looks for it again."""
        turns, clock = some_turns()
        turns.found_no_room()
        assert turns.wait(A) > 0

        clock.now += 0.1

        assert turns.wait(A) == 0
