"""Which environments pages may keep in memory by following them."""

from __future__ import annotations

from pennon.relay.holdable import Holdable
from pennon.relay.working_set import WorkingSet
from tests.builders.relay import Clock

SIZE = 10
NAMES = tuple(f"shop/{letter}" for letter in "abcdef")


class Pages:
    """Pages that follow what they may, on a node with *room* for so many environments."""

    def __init__(self, room: int, *granted: str, pinned: tuple[str, ...] = ()) -> None:
        self.clock, self.followed = Clock(100.0), set[str]()
        in_use = self.followed.__contains__
        self.held = WorkingSet(room * SIZE, self.clock, pinned=pinned, in_use=in_use)
        self._granted = frozenset(granted)
        self.may_hold = Holdable(self.held, in_use, lambda: self._granted, self.clock)
        for _ in granted:
            self.held.settle(self._granted)
            for name in self.held:
                self.held.weigh(name, SIZE)

    def follow(self, name: str) -> bool:
        """Have a page ask for *name*, a while after the last one, and follow it if it may."""
        self.clock.now += 60.0
        while wait := self.held.admit(name):
            self.clock.now += wait
        self.held.weigh(name, SIZE)
        may = self.may_hold(name)
        if may:
            self.followed.add(name)
        return may


class TestHoldable:
    def test_within_the_budget(self) -> None:
        """Pages hold three quarters of the budget, and the others come and go in the rest."""
        pages = Pages(4, *NAMES)
        answers = [pages.follow(name) for name in (*NAMES, *NAMES)]

        assert answers == [*[True] * 3, *[False] * 3] * 2
        assert pages.held.used <= pages.held.budget

    def test_all_that_there_is(self) -> None:
        """Where everything fits, everything may be followed."""
        pages = Pages(4, *NAMES[:4])

        assert all(pages.follow(name) for name in NAMES[:4])

    def test_one_always(self) -> None:
        """One may be followed, however large it is, beside what is pinned."""
        pages = Pages(1, *NAMES, pinned=NAMES[:1])

        assert [pages.follow(name) for name in NAMES[:3]] == [True, True, False]

    def test_pinned_take_room(self) -> None:
        """What is pinned is held whether anybody follows it or not."""
        pages = Pages(4, *NAMES, pinned=NAMES[:2])

        assert [pages.follow(name) for name in NAMES[2:]] == [True, False, False, False]

    def test_in_one_moment(self) -> None:
        """Many who ask in one moment hold no more than those who come one by one."""
        pages = Pages(4, *NAMES)
        answers = [pages.may_hold(name) for name in (*pages.held, *pages.held)]

        assert len(pages.held) == 4
        assert answers == [True, True, True, False] * 2

    def test_opened_in_that_moment(self) -> None:
        """What was opened since it was last looked takes room as well."""
        pages = Pages(4, *NAMES)
        pages.held.ask(NAMES[0])
        answers = [pages.may_hold(NAMES[0])]
        for name in NAMES[4:]:
            assert pages.held.admit(name) == 0
            pages.held.weigh(name, SIZE)
        (other,) = set(pages.held) - {NAMES[0], *NAMES[4:]}
        answers += [pages.may_hold(name) for name in (*NAMES[4:], other)]

        assert answers == [True, True, True, False]

    def test_room_again(self) -> None:
        """Once nobody follows one any more, another may be followed."""
        pages = Pages(4, *NAMES)
        for name in NAMES:
            pages.follow(name)
        pages.followed.remove(NAMES[0])

        assert pages.follow(NAMES[5])
