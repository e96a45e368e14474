"""Receipts on their way up: folded where they are alike."""

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

    def taken(self) -> tuple[PopAcks, ...]:
        return tuple(self.take())

    def told(self) -> dict[tuple[str, ...], Applied | None]:
        """Return what would be told of the shop if all were told now, by the nodes' names."""
        self.mark_all()
        return {
            pop.nodes: pop.applied[SHOP][0] if SHOP in pop.applied else None for pop in self.take()
        }


class TestFolding:
    def test_alike(self) -> None:
        """What nodes of a PoP say alike is said once, at the time when the last was there."""
        board = Board()
        board.ack("a", an_ack(5, at=70))
        board.ack("b", an_ack(5, at=90))

        assert board.told() == {("a", "b"): an_ack(5, at=90)}

    def test_apart(self) -> None:
        """What they say differently is said apart: none holds back what is known of another."""
        board = Board()
        board.ack("a", an_ack(5))
        board.ack("b", an_ack(4))
        board.ack("c", an_ack(5, epoch=2))

        assert board.told() == {
            ("a",): an_ack(5),
            ("b",): an_ack(4),
            ("c",): an_ack(5, epoch=2),
        }

    def test_never_back(self) -> None:
        """A node's older ack, late or repeated, changes nothing."""
        board = Board()
        board.ack("a", an_ack(5))
        board.taken()
        board.ack("a", an_ack(4))
        board.ack("a", an_ack(5, at=99))

        assert board.taken() == ()
        assert board.told() == {("a",): an_ack(5)}

    def test_newer_epoch(self) -> None:
        """A newer epoch is newer, also with a lower version."""
        board = Board()
        board.ack("a", an_ack(500))
        board.ack("a", an_ack(2, epoch=2))

        assert board.told() == {("a",): an_ack(2, epoch=2)}

    def test_shape(self) -> None:
        """A PoP says its region, who says it, and each environment's position."""
        board = Board()
        board.ack("a", an_ack(5))
        board.ack("a", an_ack(7), environment=STAGING)

        assert board.taken() == (
            PopAcks(
                pop="ams",
                region="eu",
                nodes=("a",),
                applied={SHOP: (an_ack(5),), STAGING: (an_ack(7),)},
            ),
        )

    def test_only_what_is_new(self) -> None:
        """Of many environments only those that moved are told."""
        board = Board()
        board.ack("a", an_ack(5))
        board.ack("a", an_ack(7), environment=STAGING)
        board.taken()
        board.ack("a", an_ack(8), environment=STAGING)

        assert [pop.applied for pop in board.taken()] == [{STAGING: (an_ack(8),)}]

    def test_many_environments(self) -> None:
        """Nor has any more environments."""
        board = Board()
        for number in range(2_500):
            board.ack("a", an_ack(5), environment=f"shop/e{number}")

        assert [len(pop.applied) for pop in board.taken()] == [1000, 1000, 500]

    def test_many_nodes(self) -> None:
        """No message names more than a parent reads."""
        board = Board(most=1000)
        for number in range(450):
            board.ack(f"node-{number}", an_ack(5))

        assert [len(pop.nodes) for pop in board.taken()] == [200, 200, 50]


class TestLife:
    def test_silent_node(self) -> None:
        """A node that is silent for 90 s no longer holds its PoP back."""
        board = Board()
        board.ack("dead", an_ack(4))
        board.clock.now = 91
        board.ack("live", an_ack(9))

        assert board.told() == {("live",): an_ack(9)}

    def test_alive_without_news(self) -> None:
        """A node that says that it lives keeps its acks, however quiet it is."""
        board = Board()
        board.ack("a", an_ack(4))
        for _ in range(9):
            board.clock.now += 60
            board.is_alive("ams", "a")

        assert board.told() == {("a",): an_ack(4)}

    def test_repeating_is_life(self) -> None:
        """So does one that repeats an ack that is known."""
        board = Board()
        board.ack("a", an_ack(4))
        board.clock.now = 60
        board.ack("a", an_ack(4))
        board.clock.now = 120

        assert board.told() == {("a",): an_ack(4)}

    def test_silence_is_passed_on(self) -> None:
        """All is said again of those alone who said it again: the dead must be seen to be."""
        board = Board()
        board.ack("a", an_ack(4))
        board.ack("b", an_ack(4))
        board.mark_all()
        board.taken()
        board.ack("b", an_ack(4))
        board.mark_all()

        assert [pop.nodes for pop in board.taken()] == [("b",)]

    def test_follows(self) -> None:
        """A node answers for what it follows, and for nothing else any more."""
        board = Board()
        board.ack("a", an_ack(4))
        board.ack("a", an_ack(7), environment=STAGING)
        board.follows("ams", "a", [STAGING])
        board.follows("fra", "a", [])

        assert [pop.applied for pop in board.taken()] == [{STAGING: (an_ack(7),)}]

    def test_dead_pop(self) -> None:
        """A PoP without a live node is said no more: it must be seen to be silent."""
        board = Board()
        board.ack("a", an_ack(4))
        board.clock.now = 91
        board.mark_all()

        assert board.taken() == ()
        board.mark_all()
        assert board.taken() == ()

    def test_unknown_node(self) -> None:
        """A node that never acknowledged anything is not made up."""
        board = Board()
        board.is_alive("ams", "a")
        board.mark_all()

        assert board.taken() == ()


class TestTaking:
    def test_only_what_changed(self) -> None:
        """What was taken is not said again until it changes."""
        board = Board()
        board.ack("a", an_ack(1))
        board.ack("a", an_ack(1), pop="fra")
        assert [pop.pop for pop in board.taken()] == ["ams", "fra"]
        assert board.taken() == ()

        board.ack("a", an_ack(2), pop="fra")

        assert [pop.pop for pop in board.taken()] == ["fra"]

    def test_put_back(self) -> None:
        """What could not be sent is said again, as it stands by then."""
        board = Board()
        board.ack("a", an_ack(1))
        taken = board.taken()
        board.ack("a", an_ack(2))
        board.put_back(taken)

        assert [pop.applied[SHOP] for pop in board.taken()] == [(an_ack(2),)]

    def test_merge(self) -> None:
        """A follower speaks for the nodes that it names, and for itself where it names none."""
        board = Board()
        applied: dict[str, tuple[Applied, ...]] = {SHOP: (an_ack(4),)}
        named = PopAcks(pop="ams", nodes=("a", "b"), applied=applied)
        itself = PopAcks(pop="fra", applied=applied)
        board.merge(Acks(node="hub", pops=(named,)))
        board.merge(Acks(node="c", pops=(itself,)))

        assert [(pop.pop, pop.nodes) for pop in board.taken()] == [
            ("ams", ("a", "b")),
            ("fra", ("c",)),
        ]


class TestBounds:
    def test_pops_and_nodes(self) -> None:
        """Followers cannot fill the memory by naming PoPs or nodes."""
        board = Board(most=2)
        for number in range(5):
            board.ack("a", an_ack(1), pop=f"pop-{number}")
            board.ack(f"node-{number}", an_ack(1), pop="pop-0")

        assert [(pop.pop, pop.nodes) for pop in board.taken()] == [
            ("pop-0", ("a", "node-0")),
            ("pop-1", ("a",)),
        ]

    def test_room_again(self) -> None:
        """Those that went silent make room for others."""
        board = Board(most=2)
        for pop in ("ams", "fra", "lhr"):
            board.ack("a", an_ack(1), pop=pop)
        board.clock.now += 91
        for pop in ("cdg", "waw", "arn"):
            board.ack("a", an_ack(1), pop=pop)

        assert [pop.pop for pop in board.taken()] == ["cdg", "waw"]

    def test_told_while_others_report(self) -> None:
        """What comes while some is being told is told the next time, or this time, and not lost."""
        board = Board()
        for pop in ("ams", "fra"):
            board.ack("a", an_ack(1), pop=pop)
        telling = board.take()
        told = [next(telling)]
        for pop in ("ams", "fra"):
            board.ack("a", an_ack(2), pop=pop)
        told += [*telling, *board.taken()]

        assert [(pop.pop, pop.applied[SHOP]) for pop in told] == [
            ("ams", (an_ack(1),)),
            ("fra", (an_ack(2),)),
            ("ams", (an_ack(2),)),
        ]
