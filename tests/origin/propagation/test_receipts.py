"""Which PoP has which version, and how long that took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.model.messages import Acks, Applied, PopAcks
from pennon.origin.propagation.holdings import REMEMBERED
from pennon.origin.propagation.receipts import PopReceipt, Receipt, Receipts
from tests.builders.relay import SHOP, Clock, a_position, an_epoch

COMMITTED = 10_000
HOUR = 3600.0
STAGING = "shop/staging"


class Board(Receipts):
    """Receipts with a clock that tests move."""

    def __init__(self, *, most: int = 100) -> None:
        self.clock = Clock()
        super().__init__(self.clock, most=most)

    def ack(
        self,
        pop: str,
        version: int,
        *,
        after: int = 0,
        node: str = "edge-1",
        epoch: int = 1,
        environment: str = SHOP,
    ) -> None:
        """Take what *node* of *pop* applied so many milliseconds *after* the commit."""
        ack = Applied(epoch=an_epoch(epoch), version=version, applied_at=COMMITTED + after)
        applied: dict[str, tuple[Applied, ...]] = {environment: (ack,)}
        self.take(Acks(node=node, pops=(PopAcks(pop=pop, region="eu", applied=applied),)))

    def fold(self, sender: str, version: int, *nodes: str, after: int = 0) -> None:
        """Take what *sender* says that all of *nodes* in Amsterdam have applied."""
        ack = Applied(epoch=an_epoch(), version=version, applied_at=COMMITTED + after)
        pop = PopAcks(pop="ams", nodes=nodes, applied={SHOP: (ack,)})
        self.take(Acks(node=sender, pops=(pop,)))

    def of(self, version: int, epoch: int = 1) -> Receipt:
        return self.receipt(SHOP, a_position(version, epoch), COMMITTED)


class TestPops:
    def test_nobody(self) -> None:
        """Where nobody follows, a version is complete, and nothing is made up."""
        receipt = Board().of(1)

        assert receipt.complete
        assert (receipt.expected, receipt.applied, receipt.p50_ms) == (0, 0, None)

    def test_missing_by_name(self) -> None:
        """A PoP that has not acknowledged the version is named."""
        board = Board()
        board.ack("ams", 5, after=30)
        board.ack("fra", 4)
        board.ack("iad", 4)
        receipt = board.of(5)

        assert receipt.missing == ("fra", "iad")
        assert not receipt.complete
        assert (receipt.expected, receipt.applied) == (3, 1)
        assert receipt.pops == (
            PopReceipt(pop="ams", region="eu", applied_at=COMMITTED + 30, ms=30),
        )

    def test_complete(self) -> None:
        """Once the last one has it, the version is complete."""
        board = Board()
        board.ack("ams", 5)
        board.ack("fra", 4)
        board.ack("fra", 5)

        assert board.of(5).complete
        assert not board.of(6).complete

    def test_covers(self) -> None:
        """An ack covers every version below it, and the first to do so says when."""
        board = Board()
        board.ack("ams", 3, after=10)
        board.ack("ams", 7, after=50)
        board.ack("ams", 9, after=90)

        assert [board.of(version).max_ms for version in (3, 4, 7, 8)] == [10, 50, 50, 90]

    def test_newer_epoch(self) -> None:
        """A newer epoch covers an older one, never the other way."""
        board = Board()
        board.ack("ams", 900, epoch=1)
        assert not board.of(1, epoch=2).complete

        board.ack("ams", 1, epoch=2)

        assert board.of(1, epoch=2).complete
        assert board.of(900, epoch=1).complete
        assert board.of(901, epoch=1).complete

    def test_late_ack(self) -> None:
        """An ack that comes late or twice changes nothing."""
        board = Board()
        board.ack("ams", 5, after=30)
        board.ack("ams", 4, after=70)
        board.ack("ams", 5, after=99)

        assert board.of(5).max_ms == 30

    def test_another_environment(self) -> None:
        """A PoP is expected where it follows, and nowhere else."""
        board = Board()
        board.ack("ams", 5, environment=STAGING)

        assert board.of(5).expected == 0

    def test_clock_behind(self) -> None:
        """A PoP whose clock is behind took no time, rather than less than none."""
        board = Board()
        board.ack("ams", 5, after=-400)

        assert board.of(5).max_ms == 0


class TestNodes:
    def test_all_of_a_pop(self) -> None:
        """A PoP has a version when all its live nodes have it, when the last of them did."""
        board = Board()
        board.ack("ams", 5, node="a", after=10)
        board.ack("ams", 4, node="b")
        assert board.of(5).missing == ("ams",)

        board.ack("ams", 5, node="b", after=80)

        assert board.of(5).complete
        assert board.of(5).max_ms == 80

    def test_silent_node(self) -> None:
        """A node that is silent for 90 s does not hold a PoP back that has another."""
        board = Board()
        board.ack("ams", 4, node="dead")
        board.clock.now = 91
        board.ack("ams", 5, node="live")

        assert board.of(5).complete

    def test_silent_pop(self) -> None:
        """A PoP that is silent altogether stays missing for a day, and is then expected no more."""
        board = Board()
        board.ack("ams", 5)
        board.ack("fra", 4)
        seen = []
        for hours in (0.01, 1, 24, 24.1):
            board.clock.now = hours * HOUR
            board.ack("ams", 5)
            seen.append(board.of(5).missing)

        assert seen == [("fra",), ("fra",), ("fra",), ()]

    def test_comes_back(self) -> None:
        """A PoP that comes back after a day is expected again."""
        board = Board()
        board.ack("ams", 4)
        board.clock.now = 30 * HOUR
        assert board.of(5).expected == 0

        board.ack("ams", 4)

        assert board.of(5).missing == ("ams",)


class TestPaths:
    """The same node may report through one connector, and later through another."""

    def test_another_way(self) -> None:
        """A node's newest report stands, whatever way it came: a dead connector holds nobody up."""
        board = Board()
        board.fold("hub-1", 4, "a", "b")
        board.fold("hub-2", 5, "a", "b", after=40)

        assert board.of(5).complete
        assert board.of(5).max_ms == 40

    def test_the_old_way_repeats(self) -> None:
        """What the old connector goes on saying does not take it back."""
        board = Board()
        board.fold("hub-1", 4, "a", "b")
        board.fold("hub-2", 5, "a")
        board.fold("hub-1", 4, "a", "b")
        assert board.of(5).missing == ("ams",)
        board.fold("hub-1", 5, "b")

        assert board.of(5).complete


class TestFollowing:
    def test_followed_no_longer(self) -> None:
        """A PoP that has stopped following an environment is not missing there."""
        board = Board()
        board.ack("ams", 4)
        board.ack("ams", 4, environment=STAGING)
        board.follows("ams", "edge-1", [STAGING])

        assert board.of(5).expected == 0
        assert board.receipt(STAGING, a_position(5), COMMITTED).missing == ("ams",)

    def test_one_node_of_a_pop(self) -> None:
        """The others stand for it."""
        board = Board()
        board.ack("ams", 4, node="a")
        board.ack("ams", 5, node="b")
        board.follows("ams", "a", [])

        assert board.of(5).complete

    def test_unknown(self) -> None:
        """A node that never acknowledged anything is not made up."""
        board = Board()
        board.follows("ams", "edge-1", [SHOP])

        assert board.of(1).expected == 0


class TestRemoving:
    def test_a_pop(self) -> None:
        """A PoP that is removed is expected no more, until it reports again."""
        board = Board()
        board.ack("ams", 5)
        board.ack("fra", 4)
        board.remove("fra")
        board.remove("nowhere")
        assert board.of(5).complete

        board.ack("fra", 4)

        assert board.of(5).missing == ("fra",)

    def test_a_node(self) -> None:
        """So is a node; its PoP goes with the last of them."""
        board = Board()
        board.ack("ams", 4, node="a")
        board.ack("ams", 5, node="b")
        board.remove("ams", "a")
        assert board.of(5).complete
        board.remove("ams", "b")

        assert board.of(5).expected == 0

    def test_nothing_is_inherited(self) -> None:
        """Who comes after one that went begins with nothing of it."""
        board = Board()
        board.ack("ams", 9, after=10)
        board.remove("ams")
        board.ack("fra", 5, environment=STAGING)
        assert board.of(9).expected == 0
        board.ack("fra", 9, after=70)

        assert board.of(9).max_ms == 70


class Model:
    """Receipts as one would say them: every ack of every node kept."""

    def __init__(self) -> None:
        self.acks: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def ack(self, pop: str, node: str, version: int, at: int) -> None:
        held = self.acks.setdefault((pop, node), [])
        if not held or version > held[-1][0]:
            held.append((version, at))

    def missing(self, version: int) -> set[str]:
        return {pop for (pop, _), held in self.acks.items() if held[-1][0] < version}


class TestModel:
    @given(
        st.lists(
            st.tuples(st.sampled_from(["ams", "fra"]), st.sampled_from("abc"), st.integers(1, 9)),
            max_size=40,
        )
    )
    def test_missing(self, acks: list[tuple[str, str, int]]) -> None:
        """Whatever is reported, a PoP is missing when one of its nodes has not said so."""
        board, model = Board(), Model()
        for at, (pop, node, version) in enumerate(acks):
            board.ack(pop, version, node=node, after=at)
            model.ack(pop, node, version, at)

        for version in range(1, 10):
            receipt = board.of(version)
            assert set(receipt.missing) == model.missing(version)
            assert all(0 <= pop.ms < len(acks) for pop in receipt.pops)


class TestTimes:
    @pytest.mark.parametrize(
        ("took", "p50", "p99"),
        [([40], 40, 40), ([10, 30], 20, 30), ([1, 2, 3, 4, 100], 3, 96)],
    )
    def test_percentiles(self, took: list[int], p50: int, p99: int) -> None:
        """Percentiles are over PoPs, interpolated; the slowest is told as it is."""
        board = Board()
        for number, after in enumerate(took):
            board.ack(f"pop-{number}", 5, after=after)
        receipt = board.of(5)

        assert (receipt.p50_ms, receipt.p99_ms, receipt.max_ms) == (p50, p99, max(took))

    @given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
    def test_order(self, took: list[int]) -> None:
        """No percentile is above the next, or outside of what was measured."""
        board = Board()
        for number, after in enumerate(took):
            board.ack(f"pop-{number}", 5, after=after)
        receipt = board.of(5)

        assert receipt.p50_ms is not None
        assert receipt.p99_ms is not None
        assert min(took) <= receipt.p50_ms <= receipt.p99_ms <= max(took)


class TestBounds:
    def test_times_of_the_last(self) -> None:
        """Of a PoP's many changes the times of the last are exact, and bound the others."""
        board = Board()
        for version in range(1, REMEMBERED + 11):
            board.ack("ams", version, after=version)

        assert [board.of(version).max_ms for version in (1, 10, 11, 12)] == [11, 11, 11, 12]
        assert board.of(REMEMBERED + 10).max_ms == REMEMBERED + 10

    def test_bounded(self) -> None:
        """Nobody can fill the memory by naming PoPs or nodes; those known go on."""
        board = Board(most=2)
        for number in range(5):
            board.ack(f"pop-{number}", 1)
            board.ack("pop-0", 1, node=f"node-{number}")
        board.ack("pop-1", 2)
        receipt = board.of(2)

        assert receipt.expected == 2
        assert receipt.missing == ("pop-0",)

    def test_room_is_made(self) -> None:
        """Nodes that went a day ago make room for those that come."""
        board = Board(most=1)
        board.ack("ams", 1, node="old")
        board.clock.now = 25 * HOUR
        board.ack("fra", 2, node="new")

        assert [receipt.pop for receipt in board.of(2).pops] == ["fra"]
