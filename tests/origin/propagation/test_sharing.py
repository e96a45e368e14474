"""What origins tell each other of their nodes fits every bus, and is understood."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pennon.errors import BadInput
from pennon.model.messages import Acks, Applied, NodeAnnouncement, PopAcks
from pennon.origin.bus import MOST_SHARED_BYTES
from pennon.origin.propagation.sharing import (
    piece_of_removal,
    pieces_of_acks,
    pieces_of_nodes,
    read_piece,
)
from tests.builders.relay import an_epoch

EPOCH = an_epoch()


def acks_of(pops: int, nodes: int, environments: int) -> Acks:
    """Return what so many PoPs say, each of so many nodes with so many environments."""
    applied: dict[str, tuple[Applied, ...]] = {
        f"project-{n}/production": (Applied(epoch=EPOCH, version=n + 1, applied_at=n),)
        for n in range(environments)
    }
    names = tuple(f"node-{n}" for n in range(nodes))
    return Acks(
        node="connector",
        pops=tuple(
            PopAcks(pop=f"pop-{n}", region="eu", nodes=names, applied=applied) for n in range(pops)
        ),
    )


def said(acks: Acks) -> set[tuple[str, str, str]]:
    """Return which node of which PoP speaks of which environment."""
    return {
        (pop.pop, node, environment)
        for pop in acks.pops
        for node in pop.nodes or (acks.node,)
        for environment in pop.applied
    }


class TestAcks:
    @given(st.integers(0, 20), st.integers(0, 60), st.integers(0, 120))
    def test_nothing_is_lost_and_nothing_too_large(
        self, pops: int, nodes: int, environments: int
    ) -> None:
        """However many PoPs, nodes and environments there are."""
        acks = acks_of(pops, nodes, environments)
        pieces = list(pieces_of_acks(acks))
        heard = [read_piece(piece).acks for piece in pieces]

        assert all(len(piece) <= MOST_SHARED_BYTES for piece in pieces)
        assert set().union(*(said(one) for one in heard if one)) == said(acks)

    def test_a_usual_batch_is_one_piece(self) -> None:
        """A change that ten PoPs acknowledge is told at once."""
        assert len(list(pieces_of_acks(acks_of(10, 2, 1)))) == 1


class TestNodes:
    def test_all_are_told(self) -> None:
        """In as many pieces as it takes."""
        nodes = [
            NodeAnnouncement(node=f"n{n}", role="edge", software="pennon/1", pop="p", started_at=1)
            for n in range(200)
        ]
        pieces = list(pieces_of_nodes(nodes))
        heard = [node for piece in pieces for node in read_piece(piece).nodes]

        assert heard == nodes
        assert all(len(piece) <= MOST_SHARED_BYTES for piece in pieces)


class TestReading:
    def test_a_removal(self) -> None:
        """Of a PoP or of one node."""
        removed = read_piece(piece_of_removal("ams", "ams-1")).removed

        assert removed is not None
        assert (removed.pop, removed.node) == ("ams", "ams-1")

    @pytest.mark.parametrize("data", [b"", b"[]", b'{"acks": 1}', b"\xff"])
    def test_nonsense_is_refused(self, data: bytes) -> None:
        """A bus carries what anybody sends."""
        with pytest.raises(BadInput):
            read_piece(data)

    def test_a_later_version_is_understood(self) -> None:
        """Unknown fields are passed over."""
        data = msgspec.json.encode({"acks": None, "weather": "fine"})

        assert read_piece(data).acks is None
