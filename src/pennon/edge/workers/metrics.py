"""`/metrics` of an edge with several workers: all of them answer, whichever is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from pennon.edge.workers.channel import Gathered
from pennon.edge.workers.families import Family, families_of, together
from pennon.edge.workers.seat import Seat
from pennon.web.handler import Handler, Request, Response
from pennon.web.metrics import MetricsEndpoints


class SharedMetrics:
    """Takes the place of a worker's own endpoint. *gather* returns None when nobody answers."""

    def __init__(
        self, own: MetricsEndpoints, seat: Seat, gather: Callable[[], Awaitable[Gathered | None]]
    ) -> None:
        self._own, self._seat, self._gather = own, seat, gather

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        return {("GET", "/metrics"): self.metrics}

    def families(self) -> tuple[Family, ...]:
        """Return this worker's own metrics."""
        return families_of(self._own.registry.collect())

    async def metrics(self, request: Request) -> Response:
        """Answer for all workers, or for this one alone where the supervisor is silent."""
        self._own.check(request)
        told = await self._gather()
        if told is None:
            return self._own.answer(request, together({self._seat.name: self.families()}))
        return self._own.answer(request, together(told.workers, told.own))
