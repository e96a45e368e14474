"""The management API: every feature's endpoints, and the document that describes them."""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

import pennon
from pennon.origin.access import endpoints as access
from pennon.origin.access.authentication import Authentication
from pennon.origin.audit import endpoints as audit
from pennon.origin.authors import COMMENT_HEADER
from pennon.origin.configuration import endpoints as configuration
from pennon.origin.contexts import endpoints as contexts
from pennon.origin.deletion import endpoints as deletion
from pennon.origin.environments import endpoints as environments
from pennon.origin.evaluations import endpoints as evaluations
from pennon.origin.events import endpoints as events
from pennon.origin.flags import endpoints as flags
from pennon.origin.history import endpoints as history
from pennon.origin.idempotency.answering import Answering
from pennon.origin.members import endpoints as members
from pennon.origin.projects import endpoints as projects
from pennon.origin.propagation import endpoints as propagation
from pennon.origin.requests import endpoints as requests
from pennon.origin.schedules import endpoints as schedules
from pennon.origin.segments import endpoints as segments
from pennon.origin.services import Origin
from pennon.origin.users import endpoints as users
from pennon.web.endpoint import Endpoint
from pennon.web.openapi import openapi_document
from pennon.web.routing import routes_of

OPENAPI_PATH: Final = "/api/v1/openapi.json"


def api_endpoints(origin: Origin) -> list[Endpoint]:
    """Return every endpoint of the management API; what one creates can be asked for again."""
    endpoints = [
        *projects.endpoints(origin),
        *environments.endpoints(origin),
        *flags.endpoints(origin),
        *evaluations.endpoints(origin),
        *contexts.endpoints(origin),
        *events.endpoints(origin),
        *segments.endpoints(origin),
        *members.endpoints(origin),
        *configuration.endpoints(origin),
        *deletion.endpoints(origin),
        *requests.endpoints(origin),
        *schedules.endpoints(origin),
        *history.endpoints(origin),
        *access.endpoints(origin),
        *users.endpoints(origin),
        *audit.endpoints(origin),
        *propagation.endpoints(origin),
    ]
    return list(map(Answering(origin).before, endpoints))


def api_routes(origin: Origin) -> list[BaseRoute]:
    """Return the routes of the management API; its description asks for no token."""
    endpoints = api_endpoints(origin)
    document = msgspec.json.encode(
        openapi_document(
            "Pennon management API",
            pennon.__version__,
            endpoints,
            change_headers={COMMENT_HEADER: "Why, for the audit log; percent-encoded UTF-8."},
        )
    )

    async def describe(_request: Request) -> Response:
        return Response(document, media_type="application/json")

    return [Route(OPENAPI_PATH, describe), *routes_of(endpoints, Authentication(origin))]
