"""How often a flag served what, over HTTP."""

from __future__ import annotations

from pennon.origin.evaluations import service
from pennon.origin.evaluations.schemas import EvaluationsQuery, EvaluationsView
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, get
from pennon.web.permissions import READ


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served of what edges have counted."""

    async def get_evaluations(call: Call[None, EvaluationsQuery]) -> EvaluationsView:
        """Return how often a flag served each variation in an environment, by time."""
        return await origin.read(
            lambda c: service.evaluations_of(
                c,
                call["project"],
                call["environment"],
                call["flag"],
                call.query,
                origin.clock(),
            )
        )

    return [
        get(
            "/api/v1/projects/{project}/environments/{environment}/flags/{flag}/evaluations",
            get_evaluations,
            needs=READ,
            query=EvaluationsQuery,
            answer=EvaluationsView,
        )
    ]
