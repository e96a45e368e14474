"""What counts the answers that are given; `pennon.edge.collector` does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pennon.model.context import Context
from pennon.model.detail import Detail


class Counter(Protocol):
    """Counts answers, and may look at whom they are for; it waits for nothing and never fails."""

    def see(self, environment: str, context: Context) -> None:
        """Take notice of a context that is evaluated."""
        ...

    def count(self, environment: str, detail: Detail) -> None:
        """Count the answer to an evaluation."""
        ...

    def count_all(self, environment: str, details: Sequence[Detail]) -> None:
        """Count the answers of a bulk evaluation."""
        ...
