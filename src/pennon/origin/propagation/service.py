"""Answers where a version has arrived, and who the nodes are."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from functools import partial
from typing import Final

from pennon.errors import BadInput, NotFound
from pennon.model.messages import Acks, NodeAnnouncement
from pennon.model.position import Position
from pennon.origin.bus import Bus
from pennon.origin.db import Database
from pennon.origin.propagation import queries
from pennon.origin.propagation.nodes import Nodes
from pennon.origin.propagation.receipts import Receipt, Receipts
from pennon.origin.propagation.sharing import (
    piece_of_removal,
    pieces_of_acks,
    pieces_of_nodes,
    read_piece,
)

log = logging.getLogger(__name__)


_REST: Final = 10.0
# For how long, in times that a look took, the next is put off.


class PropagationService:
    """
    Takes the reports of all nodes; see `pennon.web.reports.Reports`.

    What is reported here is shared with the other origins over the bus, and what is reported to
    them is taken from it: a receipt is the same wherever it is asked for.
    """

    def __init__(self, database: Database, bus: Bus, receipts: Receipts, nodes: Nodes) -> None:
        self._database, self._bus = database, bus
        self._receipts, self.registry = receipts, nodes
        self._moved = asyncio.Event()
        bus.hear(self._on_piece)

    async def acks(self, acks: Acks) -> None:
        """Note what PoPs have applied, and wake those who wait for it."""
        self._take_acks(acks)
        for piece in pieces_of_acks(acks):
            self._bus.share(piece)

    async def nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        """Note who nodes say they are, and what they follow no longer."""
        self._take_nodes(announcements)
        for piece in pieces_of_nodes(announcements):
            self._bus.share(piece)

    def names(self, pop: str, node: str | None = None) -> tuple[str, ...]:
        """Return the names of the nodes of a PoP that were heard, or of one of them."""
        heard = {each.node.node for each in self.registry.after() if each.node.pop == pop}
        known = sorted(heard | self._receipts.nodes_of(pop))
        return tuple(name for name in known if node in (None, name))

    async def remove(self, pop: str, node: str | None = None) -> None:
        """Forget a PoP, or one node of it, until it is heard again."""
        self._take_removal(pop, node)
        self._bus.share(piece_of_removal(pop, node))

    async def receipt(self, environment: str, version: int, wait: float) -> Receipt:
        """
        Return where *version* has arrived, after at most *wait* seconds for all PoPs to have it.

        Raises NotFound for a version that was not committed or whose record is pruned.
        """
        committed = await self._database.read(
            partial(queries.find_commit, environment=environment, version=version)
        )
        if committed is None:
            raise NotFound("version", f"{environment} {version}")
        position = Position(committed.epoch, version)

        def now() -> Receipt:
            return self._receipts.receipt(environment, position, committed.committed_at)

        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while True:
                    moved, began = self._moved, loop.time()
                    if now().complete:
                        break
                    # Thousands of PoPs take a while to look at, and report one after another.
                    await asyncio.sleep(_REST * (loop.time() - began))
                    await moved.wait()
        return now()

    def _on_piece(self, data: bytes) -> None:
        """Take what another origin was told."""
        try:
            piece = read_piece(data)
        except BadInput as error:
            # An origin of another version; its nodes are known to it, if not here.
            log.warning("report_unreadable", extra={"reason": str(error)})
            return
        if piece.acks is not None:
            self._take_acks(piece.acks)
        self._take_nodes(piece.nodes)
        if piece.removed is not None:
            self._take_removal(piece.removed.pop, piece.removed.node)

    def _take_acks(self, acks: Acks) -> None:
        self._receipts.take(acks)
        self._wake()

    def _take_nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        for node in announcements:
            self.registry.take(node)
            self._receipts.follows(node.pop, node.node, node.environments)
        self._wake()

    def _take_removal(self, pop: str, node: str | None) -> None:
        self.registry.remove(pop, node)
        self._receipts.remove(pop, node)
        self._wake()

    def _wake(self) -> None:
        """Wake those who wait, and give those who come another event."""
        self._moved.set()
        self._moved = asyncio.Event()
