"""What one origin tells the others of its nodes: in pieces that every bus carries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from pennon.model.codec import decode
from pennon.model.flag import Wire
from pennon.model.messages import Acks, NodeAnnouncement, PopAcks
from pennon.origin.bus import MOST_SHARED_BYTES
from pennon.relay.portions import portions

_encode = msgspec.json.Encoder().encode
_AROUND: Final = 300
"""What a piece has around what it carries."""


class Removed(Wire, frozen=True, kw_only=True):
    """An administrator removed a PoP, or one node of it."""

    pop: str
    node: str | None = None


class Piece(Wire, frozen=True, kw_only=True):
    """One of these."""

    acks: Acks | None = None
    nodes: tuple[NodeAnnouncement, ...] = ()
    removed: Removed | None = None


def pieces_of_acks(acks: Acks) -> Iterator[bytes]:
    """Yield *acks* in pieces; those of one PoP are taken apart where they are too many."""
    small = (part for pop in acks.pops for part in _parts(pop))
    for pops in portions(small, _weight, MOST_SHARED_BYTES - _AROUND):
        yield _encode(Piece(acks=Acks(node=acks.node, pops=pops)))


def pieces_of_nodes(announcements: Sequence[NodeAnnouncement]) -> Iterator[bytes]:
    """Yield *announcements* in pieces; one that no piece can hold is left out."""
    small = (one for one in announcements if _weight(one) <= MOST_SHARED_BYTES - _AROUND)
    for nodes in portions(small, _weight, MOST_SHARED_BYTES - _AROUND):
        yield _encode(Piece(nodes=nodes))


def piece_of_removal(pop: str, node: str | None) -> bytes:
    """Return the piece that says that somebody was removed."""
    return _encode(Piece(removed=Removed(pop=pop, node=node)))


def read_piece(data: bytes) -> Piece:
    """Return what another origin said. Raises BadInput."""
    return decode(data, Piece)


def _parts(pop: PopAcks) -> Iterator[PopAcks]:
    if _weight(pop) <= MOST_SHARED_BYTES - _AROUND:
        yield pop
        return
    # A sender that names nobody speaks for itself, and goes on doing so.
    for names in (*portions(pop.nodes, len, 1_000),) or ((),):
        for applied in portions(pop.applied.items(), _weight, MOST_SHARED_BYTES // 2):
            yield PopAcks(pop=pop.pop, region=pop.region, nodes=names, applied=dict(applied))


def _weight(value: object) -> int:
    return len(_encode(value)) + 1
