"""The origin: a database, its changelog, and the one way in which the features use them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct
from sqlalchemy import Connection

from pennon.origin.bus import Bus
from pennon.origin.changelog import Changelog, Transaction
from pennon.origin.db import Database
from pennon.origin.db.installation import INSTALLATION_CHAIN
from pennon.origin.evaluations.intake import Intake
from pennon.origin.idempotency.keeping import kept
from pennon.origin.propagation.nodes import Nodes
from pennon.origin.propagation.receipts import Receipts
from pennon.origin.propagation.service import PropagationService
from pennon.web.idempotency import Once

T = TypeVar("T")
A = TypeVar("A", bound=Struct)


def wall_clock() -> int:
    """Return the time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class Origin:
    """
    What a feature's endpoints are given.

    A service is a plain function: of a connection where it reads, of a transaction where it
    changes something. `read` and `write` run one, each as one transaction.
    """

    def __init__(self, database: Database, bus: Bus, clock: Callable[[], int] = wall_clock) -> None:
        self.database = database
        self.bus = bus
        self.clock = clock
        self.propagation = PropagationService(
            database, bus, Receipts(time.monotonic), Nodes(time.time)
        )
        self.intake = Intake(database, clock)
        self._changelog = Changelog(database, bus, clock)

    async def read(self, service: Callable[[Connection], T]) -> T:
        """Return what *service* reads, at one moment of the database."""
        return await self.database.read(service)

    async def write(
        self, service: Callable[[Transaction], T], chain: str = INSTALLATION_CHAIN
    ) -> T:
        """
        Return what *service* returns, once all that it changed is committed.

        Changes that are recorded on the same audit *chain*, which is a project's key or the
        installation's, wait for each other anyway: they are made in the order in which they came.
        """
        return await self._changelog.commit(service, chain)

    async def create(
        self,
        service: Callable[[Transaction], A],
        once: Once | None,
        chain: str = INSTALLATION_CHAIN,
    ) -> A:
        """
        Return what *service* answers of what it creates, once all that is committed.

        Where it is to be created *once*, the answer is kept with it; AnsweredBefore is raised
        where that is done already.
        """
        return await self.write(service if once is None else kept(service, once), chain)

    async def note(self, work: Callable[[Connection], object]) -> None:
        """Write what a read leaves behind, such as when a token was used; a replica keeps none."""
        if not self.database.read_only:
            await self.database.write(work)

    async def rehearse(self, service: Callable[[Transaction], T], chain: str) -> T:
        """Return what *service* returns, in its turn, and keep nothing of what it changed."""
        return await self._changelog.rehearse(service, chain)
