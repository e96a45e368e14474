"""Answers where a version has arrived, and who the nodes are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from pennon.errors import NotFound
from pennon.model.messages import Acks, NodeAnnouncement
from pennon.model.position import Position
from pennon.origin.db import Database
from pennon.origin.propagation import queries
from pennon.origin.propagation.nodes import Nodes
from pennon.origin.propagation.receipts import Receipt, Receipts


class PropagationService:
    """Takes the reports of all nodes; see `pennon.web.reports.Reports`."""

    def __init__(self, database: Database, receipts: Receipts, nodes: Nodes) -> None:
        self._database, self._receipts, self.registry = database, receipts, nodes
        self._news = asyncio.Condition()

    async def acks(self, acks: Acks) -> None:
        """Note what PoPs have applied, and wake those who wait for it."""
        self._receipts.take(acks)
        async with self._news:
            self._news.notify_all()

    async def nodes(self, announcements: Sequence[NodeAnnouncement]) -> None:
        """Note who nodes say they are, and what they follow no longer."""
        for node in announcements:
            self.registry.take(node)
            self._receipts.follows(node.pop, node.node, node.environments)
        async with self._news:
            self._news.notify_all()

    def names(self, pop: str, node: str | None = None) -> tuple[str, ...]:
        """Return the names of the nodes of a PoP that were heard, or of one of them."""
        heard = {each.node.node for each in self.registry.after() if each.node.pop == pop}
        known = sorted(heard | self._receipts.nodes_of(pop))
        return tuple(name for name in known if node in (None, name))

    async def remove(self, pop: str, node: str | None = None) -> None:
        """Forget a PoP, or one node of it, until it is heard again."""
        self.registry.remove(pop, node)
        self._receipts.remove(pop, node)
        async with self._news:
            self._news.notify_all()

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

        try:
            async with asyncio.timeout(wait), self._news:
                await self._news.wait_for(lambda: now().complete)
        except TimeoutError:
            pass
        return now()
