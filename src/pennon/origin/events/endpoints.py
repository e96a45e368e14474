"""Exposures and custom events, over HTTP: who may change whom flags serve may see to whom."""

from __future__ import annotations

from pennon.origin.events import service
from pennon.origin.events.schemas import EventPage, EventsQuery, ExposuresQuery, ExposuresView
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, get
from pennon.web.permissions import READ, WRITE


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served of events."""

    async def list_events(call: Call[None, EventsQuery]) -> EventPage:
        """List an environment's exposures and custom events, newest first."""
        project, environment = call["project"], call["environment"]
        return await origin.read(lambda c: service.events_of(c, project, environment, call.query))

    async def get_exposures(call: Call[None, ExposuresQuery]) -> ExposuresView:
        """Return how many units a flag served each variation in an environment."""
        project, environment = call["project"], call["environment"]
        return await origin.read(
            lambda c: service.exposures_of(c, project, environment, call["flag"], call.query)
        )

    path = "/api/v1/projects/{project}/environments/{environment}"
    return [
        get(f"{path}/events", list_events, needs=WRITE, query=EventsQuery, answer=EventPage),
        get(
            f"{path}/flags/{{flag}}/exposures",
            get_exposures,
            needs=READ,
            query=ExposuresQuery,
            answer=ExposuresView,
        ),
    ]
