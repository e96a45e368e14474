"""A project's configuration over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pennon.origin.authors import author_of
from pennon.origin.configuration import service
from pennon.origin.configuration.schemas import (
    Applied,
    ApplyRequest,
    Configuration,
    Plan,
    PlanRequest,
)
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, NoQuery, act, get
from pennon.web.permissions import READ_PART, WRITE_PART

MOST_BYTES: Final = 16 * 1024 * 1024
"""The largest configuration; a body of another endpoint describes one thing, this one all."""


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below a project's ``/configuration``."""

    async def get_configuration(call: Call[None, NoQuery]) -> Configuration:
        """Return a project as a document, of those of its environments that you may see."""
        return await origin.read(
            lambda c: service.configuration(c, call["project"], call.principal)
        )

    async def plan_configuration(call: Call[PlanRequest, NoQuery]) -> Plan:
        """Show what bringing a project to a document would change, and whether it may be."""
        return await origin.read(
            lambda c: service.plan(c, call["project"], call.body, call.principal)
        )

    async def apply_configuration(call: Call[ApplyRequest, NoQuery]) -> Applied:
        """
        Bring a project to a document as it was planned, all of it or nothing.

        Each thing takes the role that changing it alone takes. `plan` is the answer's to the
        planning; when this would change something else by now, it is refused.
        """
        author = author_of(call, call.body.comment)
        return await origin.write(
            lambda tx: service.apply(tx, call["project"], call.body, author), call["project"]
        )

    path = "/api/v1/projects/{project}/configuration"
    return [
        get(path, get_configuration, needs=READ_PART, query=NoQuery, answer=Configuration),
        _large(
            act(
                path + "/plan",
                plan_configuration,
                needs=READ_PART,
                body=PlanRequest,
                answer=Plan,
            )
        ),
        _large(
            act(
                path + "/apply",
                apply_configuration,
                needs=WRITE_PART,
                body=ApplyRequest,
                answer=Applied,
            )
        ),
    ]


def _large(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, most_bytes=MOST_BYTES)
