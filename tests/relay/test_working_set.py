"""The working set: what is in memory, what comes in, and what goes to make room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pennon.relay.turns import PATIENCE_SECONDS
from pennon.relay.working_set import REST_SECONDS, WorkingSet
from tests.builders.relay import Clock

SIZE = 10
NAMES = tuple(f"shop/{letter}" for letter in "abcdefghij")


class ASet(WorkingSet):
    """A set with room for *room* environments of one size, on a clock that a test moves."""

    def __init__(self, room: float, *pinned: str, followed: str | None = None) -> None:
        self.time = Clock(100.0)
        self.followed, self.unsaved = {followed}, set[str]()
        super().__init__(
            round(room * SIZE),
            self.time,
            pinned=pinned,
            in_use=lambda name: name in self.followed,
            may_go=lambda name: name not in self.unsaved,
        )

    def load(self, *names: str, size: int = SIZE) -> None:
        for name in names:
            self.weigh(name, size)

    def fill(self, *granted: str) -> None:
        """Grant environments, and load whatever comes in, until nothing more does."""
        for _ in granted:
            self.settle(frozenset(granted))
            self.load(*self)

    def open(self, name: str) -> float:
        """Ask for an environment, and load it if it is let in."""
        wait = self.admit(name)
        if not wait:
            self.load(name)
        return wait

    def rest(self) -> None:
        self.time.now += REST_SECONDS


class TestByThemselves:
    def test_all_that_fit(self) -> None:
        """What is granted comes in by itself, and the set is complete once it is loaded."""
        held = ASet(5)
        held.settle(frozenset(NAMES[:3]))
        assert not held.complete
        held.fill(*NAMES[:3])

        assert set(held) == held.due == set(NAMES[:3])
        assert held.complete

    def test_in_portions(self) -> None:
        """The first tells how many will fit: what comes at once is never far more than came."""
        held = ASet(9)
        portions = []
        for _ in range(4):
            held.settle(frozenset(NAMES))
            portions.append(len(held))
            held.load(*held)

        assert portions == [1, 5, 9, 9]

    def test_no_more_than_fit(self) -> None:
        """The rest stays out, and is not waited for."""
        held = ASet(6)
        held.fill(*NAMES)

        assert set(held) == set(NAMES[:6])
        assert held.complete
        assert held.used == 6 * SIZE

    def test_pinned_first(self) -> None:
        """The pinned come in before all others, whatever they take."""
        held = ASet(2, *NAMES[7:])
        held.fill(*NAMES)

        assert set(held) == set(NAMES[7:])
        assert held.complete

    def test_from_disk(self) -> None:
        """What is looked for on disk ends where the room does; what was not there comes later."""
        held = ASet(4)
        looked_for = []
        for name in held.offers(frozenset(NAMES)):
            looked_for.append(name)
            held.let_in(name)
            if name == NAMES[1]:
                held.withdraw(name)
            else:
                held.load(name)
        held.settle(frozenset(NAMES))

        assert set(held) == {NAMES[0], *NAMES[2:5]}
        assert looked_for == [*NAMES[:5]]
        assert held.complete

    def test_a_grant(self) -> None:
        """What is granted later comes in if it fits, and what is granted no more goes."""
        held = ASet(3)
        held.fill(*NAMES[:2])
        held.fill(*NAMES[1:5])

        assert set(held) == set(NAMES[1:4])

    def test_dropped_is_not_offered_again(self) -> None:
        """What went to make room comes back when it is asked for, and not before."""
        held = ASet(2)
        held.fill(*NAMES[:2])
        held.settle(frozenset(NAMES))
        held.open(NAMES[5])
        held.load(NAMES[5], size=1)
        held.settle(frozenset(NAMES))

        assert len(held) == 2
        assert NAMES[5] in held


class TestOnDemand:
    def test_the_longest_idle_goes(self) -> None:
        """Who was never asked goes first, then who was not asked for longest."""
        held = ASet(3)
        held.fill(*NAMES[:3])
        gone = []
        for name in (NAMES[1], NAMES[0]):
            held.time.now += 1
            held.ask(name)
        for name in NAMES[3:6]:
            before = set(held)
            assert held.open(name) == 0
            gone += sorted(before - set(held))

        assert gone == [NAMES[2], NAMES[1], NAMES[0]]
        assert held.dropped == 3

    def test_pinned_stay(self) -> None:
        """The pinned never go, however idle."""
        held = ASet(2, NAMES[0])
        held.fill(*NAMES)
        for name in NAMES[1:]:
            held.rest()
            assert held.open(name) == 0
            assert set(held) == {NAMES[0], name}

    def test_followed_stay(self) -> None:
        """What somebody follows here never goes."""
        held = ASet(2, followed=NAMES[1])
        held.fill(*NAMES[:2])
        held.settle(frozenset(NAMES))
        held.open(NAMES[4])
        held.rest()
        held.open(NAMES[5])

        assert set(held) == {NAMES[1], NAMES[5]}

    def test_unsaved_stay(self) -> None:
        """What could not be had again as it is does not go: who asks comes back."""
        held = ASet(1)
        held.fill(NAMES[0])
        held.settle(frozenset(NAMES))
        held.unsaved = {NAMES[0]}

        assert held.open(NAMES[1]) == 1
        assert set(held) == {NAMES[0]}

    def test_rests(self) -> None:
        """What was just opened is not dropped at once: who comes next is told when to ask."""
        held = ASet(1)
        held.settle(frozenset(NAMES))
        held.fill(*NAMES)
        held.open(NAMES[4])
        held.time.now += 1

        assert held.open(NAMES[5]) == REST_SECONDS - 1
        assert held.open(NAMES[6]) == 1  # without another look
        held.rest()
        assert held.open(NAMES[5]) == 0
        assert set(held) == {NAMES[5]}

    def test_nobody_is_shut_out(self) -> None:
        """Where the pinned take the whole budget, one other is let in all the same."""
        held = ASet(1, *NAMES[:3])
        held.fill(*NAMES)

        assert held.open(NAMES[4]) == 0
        assert held.open(NAMES[5]) > 0
        held.rest()
        assert held.open(NAMES[5]) == 0
        assert set(held) == {*NAMES[:3], NAMES[5]}

    def test_larger_than_all_room(self) -> None:
        """One that is larger than the budget has it alone, and stays while nobody else asks."""
        held = ASet(2)
        held.fill(*NAMES[:2])
        held.settle(frozenset(NAMES))
        held.admit(NAMES[4])
        held.load(NAMES[4], size=5 * SIZE)
        held.rest()
        held.trim()

        assert set(held) == {NAMES[4]}

    def test_growth(self) -> None:
        """What grows past the budget pushes out the idle."""
        held = ASet(3)
        held.fill(*NAMES[:3])
        held.ask(NAMES[0])
        held.load(NAMES[0], size=2 * SIZE)
        held.trim()

        assert NAMES[0] in held
        assert held.used == 3 * SIZE

    def test_for_followers(self) -> None:
        """What followers ask for is let in whatever the room."""
        held = ASet(1, followed=NAMES[0])
        held.fill(NAMES[0])
        held.settle(frozenset(NAMES))
        held.followed.add(NAMES[1])

        assert held.admit(NAMES[1], whatever=True) == 0
        assert set(held) == {*NAMES[:2]}

    def test_a_size_that_is_known(self) -> None:
        """Room is made for what an environment took when it was here."""
        held = ASet(4)
        held.fill(*NAMES[:4])
        held.settle(frozenset(NAMES))
        held.admit(NAMES[4])
        held.load(NAMES[4], size=3 * SIZE)
        held.trim()
        held.rest()
        for name in NAMES[:4]:
            held.open(name)
            held.rest()
        assert NAMES[4] not in held
        held.admit(NAMES[4])

        assert held.used == 4 * SIZE


class TestBounds:
    def test_given_up(self) -> None:
        """What does not come, and nobody asks for any more, is waited for no longer."""
        held = ASet(5)
        held.admit(NAMES[0])
        held.admit(NAMES[1])
        held.time.now += PATIENCE_SECONDS
        held.ask(NAMES[1])
        held.time.now += 1

        assert held.give_up() == [NAMES[0]]
        assert held.opening == {NAMES[1]}

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["open", "ask", "grow", "rest", "trim"]), st.sampled_from(NAMES)
            ),
            max_size=60,
        ),
        st.integers(1, 5),
    )
    def test_sums(self, steps: list[tuple[str, str]], room: int) -> None:
        """After anything, the pinned are there, the sum is right, and the rest is rested away."""
        held = ASet(room, NAMES[0])
        held.fill(*NAMES)
        for step, name in steps:
            match step:
                case "open":
                    held.open(name)
                case "ask":
                    held.ask(name)
                case "grow":
                    held.load(name, size=2 * SIZE)
                case "rest":
                    held.rest()
                case _:
                    held.trim()
        held.rest()
        held.trim()

        assert NAMES[0] in held
        assert held.used == sum(held.sizes.values())
        assert held.used <= held.budget or len(held) <= 2


def test_unknown() -> None:
    """What is said of environments that are not in the set changes nothing."""
    held = ASet(2)
    held.ask(NAMES[0])
    held.weigh(NAMES[0], 5)

    assert len(held) == held.used == 0
