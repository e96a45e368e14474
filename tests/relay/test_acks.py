"""Receipts on their way up: folded per PoP."""

from __future__ import annotations

from pennon.model.messages import Acks, Applied, PopAcks
from pennon.relay.acks import AckBoard
from tests.builders.relay import SHOP, Clock, an_epoch

STAGING = "shop/staging"


def an_ack(version: int = 1, at: int = 0, *, epoch: int = 1) -> Applied:
    return Applied(epoch=an_epoch(epoch), version=version, applied_at=at or 1000 + version)


class Board(AckBoard):
    """A board for two nodes of one PoP, with a clock that tests move."""

    def __init__(self, *, most: int = 10) -> None:
        self.clock = Clock()
        super().__init__(self.clock, most=most)

    def ack(self, node: str, ack: Applied, environment: str = SHOP, pop: str = "ams") -> None:
        self.applied(pop, "eu", node, environment, ack)

    def folded(self) -> Applied | None:
        """Return what the PoP would say of the shop if it were asked now."""
        self.mark_all()
        (pop,) = self.take()
        return pop.applied[SHOP][0] if SHOP in pop.applied else None


class TestFolding:
    def test_all_live_nodes(self) -> None:
        """A PoP has a position when all its nodes have it, at the time when the last took it."""
        board = Board()
        board.ack("a", an_ack(5, at=70))
        board.ack("b", an_ack(4, at=50))
        assert board.folded() == an_ack(4, at=50)

        board.ack("b", an_ack(5, at=90))

        assert board.folded() == an_ack(5, at=90)

    def test_epochs(self) -> None:
        """A node in an older epoch holds its PoP back, whatever its version."""
        board = Board()
        board.ack("a", an_ack(1, epoch=2))
        board.ack("b", an_ack(500, epoch=1))

        assert board.folded() == an_ack(500, epoch=1)

    def test_never_back(self) -> None:
        """A node's older ack, late or repeated, changes nothing."""
        board = Board()
        board.ack("a", an_ack(5))
        board.take()
        board.ack("a", an_ack(4))
        board.ack("a", an_ack(5, at=99))

        assert board.take() == ()
        assert board.folded() == an_ack(5)

    def test_newer_epoch(self) -> None:
        """A newer epoch is newer, also with a lower version."""
        board = Board()
        board.ack("a", an_ack(500))
        board.ack("a", an_ack(2, epoch=2))

        assert board.folded() == an_ack(2, epoch=2)

    def test_only_those_who_follow(self) -> None:
        """A node that does not follow an environment does not hold it back."""
        board = Board()
        board.ack("a", an_ack(5))
        board.ack("b", an_ack(1), environment=STAGING)

        assert board.folded() == an_ack(5)

    def test_shape(self) -> None:
        """A PoP says its region, how many nodes it has, and each environment's position."""
        board = Board()
        board.ack("a", an_ack(5))
        board.ack("b", an_ack(7), environment=STAGING)

        assert board.take() == (
            PopAcks(
                pop="ams",
                region="eu",
                nodes=2,
                applied={SHOP: (an_ack(5),), STAGING: (an_ack(7),)},
            ),
        )


class TestLife:
    def test_silent_node(self) -> None:
        """A node that is silent for 90 s no longer holds its PoP back."""
        board = Board()
        board.ack("dead", an_ack(4))
        board.clock.now = 91
        board.ack("live", an_ack(9))

        assert board.folded() == an_ack(9)

    def test_alive_without_news(self) -> None:
        """A node that says that it lives keeps its acks, however quiet it is."""
        board = Board()
        board.ack("a", an_ack(4))
        for _ in range(9):
            board.clock.now += 60
            board.is_alive("ams", "a")

        assert board.folded() == an_ack(4)

    def test_repeating_is_life(self) -> None:
        """So does one that repeats an ack that is known."""
        board = Board()
        board.ack("a", an_ack(4))
        board.clock.now = 60
        board.ack("a", an_ack(4))
        board.clock.now = 120

        assert board.folded() == an_ack(4)

    def test_dead_pop(self) -> None:
        """A PoP without a live node is said no more: it must be seen to be silent."""
        board = Board()
        board.ack("a", an_ack(4))
        board.clock.now = 91
        board.mark_all()

        assert board.take() == ()
        board.mark_all()
        assert board.take() == ()

    def test_unknown_node(self) -> None:
        """A node that never acknowledged anything is not made up."""
        board = Board()
        board.is_alive("ams", "a")
        board.mark_all()

        assert board.take() == ()


class TestTaking:
    def test_only_what_changed(self) -> None:
        """What was taken is not said again until it changes."""
        board = Board()
        board.ack("a", an_ack(1))
        board.ack("a", an_ack(1), pop="fra")
        assert [pop.pop for pop in board.take()] == ["ams", "fra"]
        assert board.take() == ()

        board.ack("a", an_ack(2), pop="fra")

        assert [pop.pop for pop in board.take()] == ["fra"]

    def test_put_back(self) -> None:
        """What could not be sent is said again, as it stands by then."""
        board = Board()
        board.ack("a", an_ack(1))
        taken = board.take()
        board.ack("a", an_ack(2))
        board.put_back(taken)

        assert [pop.applied[SHOP] for pop in board.take()] == [(an_ack(2),)]

    def test_merge(self) -> None:
        """A follower's acks stand for its PoPs; another follower's may stand for the same."""
        board = Board()
        for node, version in (("one", 4), ("two", 3)):
            pops = (PopAcks(pop="ams", region="eu", applied={SHOP: (an_ack(version),)}),)
            board.merge(Acks(node=node, pops=pops))

        assert board.folded() == an_ack(3)


class TestBounds:
    def test_pops_and_nodes(self) -> None:
        """Followers cannot fill the memory by naming PoPs or nodes."""
        board = Board(most=2)
        for number in range(5):
            board.ack("a", an_ack(1), pop=f"pop-{number}")
            board.ack(f"node-{number}", an_ack(1), pop="pop-0")

        assert [(pop.pop, pop.nodes) for pop in board.take()] == [("pop-0", 2), ("pop-1", 1)]
