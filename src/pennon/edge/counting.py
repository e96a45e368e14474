"""What counts the answers that are given; `pennon.edge.collector` does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pennon.edge.deliveries import Parcels
from pennon.model.context import Context
from pennon.model.detail import Detail
from pennon.model.flag import Flag


class Counter(Protocol):
    """
    Counts answers, and may look at whom they are for; but for `tell` it waits for nothing and
    never fails.
    """

    def see(self, environment: str, context: Context) -> None:
        """Take notice of a context that is evaluated."""
        ...

    def count(self, environment: str, detail: Detail) -> None:
        """Count the answer to an evaluation."""
        ...

    def expose(self, environment: str, flag: Flag, detail: Detail, context: Context) -> None:
        """Take notice of whom *flag*, whose exposures are tracked, was evaluated for."""
        ...

    def count_all(self, environment: str, details: Sequence[Detail]) -> None:
        """Count the answers of a bulk evaluation."""
        ...

    async def tell(self, environment: str, parcels: Parcels) -> None:
        """Return once what a client told is kept. Raises NotReady when it could not be."""
        ...
