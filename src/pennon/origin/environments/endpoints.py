"""Environments over HTTP."""

from __future__ import annotations

from pennon.origin.authors import author_of
from pennon.origin.environments import service
from pennon.origin.environments.schemas import (
    EnvironmentDefinition,
    EnvironmentPage,
    EnvironmentView,
    NewEnvironment,
)
from pennon.origin.schemas import ArchivedQuery
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, MergePatch, NoQuery, get, patch, post
from pennon.web.permissions import ADMINISTER, READ, READ_PART


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below a project's ``/environments``."""

    async def list_environments(call: Call[None, ArchivedQuery]) -> EnvironmentPage:
        """List those of a project's environments that you may see, in order of their keys."""
        return await origin.read(
            lambda c: service.list_environments(c, call["project"], call.query, call.principal)
        )

    async def create_environment(call: Call[NewEnvironment, NoQuery]) -> EnvironmentView:
        """Create an environment with every flag of its project, switched off, and every segment."""
        return await origin.create(
            lambda tx: service.create(tx, call["project"], call.body, author_of(call)),
            call.once,
            call["project"],
        )

    async def get_environment(call: Call[None, NoQuery]) -> EnvironmentView:
        """Return an environment."""
        return await origin.read(lambda c: service.find(c, call["project"], call["environment"]))

    async def update_environment(call: Call[MergePatch, NoQuery]) -> EnvironmentView:
        """Change what is said of an environment; archive it, or bring it back."""
        return await origin.write(
            lambda tx: service.change(
                tx, call["project"], call["environment"], call.body, author_of(call), call.if_match
            ),
            call["project"],
        )

    many = "/api/v1/projects/{project}/environments"
    one = many + "/{environment}"
    return [
        get(many, list_environments, needs=READ_PART, query=ArchivedQuery, answer=EnvironmentPage),
        post(
            many,
            create_environment,
            needs=ADMINISTER,
            body=NewEnvironment,
            answer=EnvironmentView,
            location=lambda view: f"/api/v1/projects/{view.project}/environments/{view.key}",
        ),
        get(one, get_environment, needs=READ, query=NoQuery, answer=EnvironmentView),
        patch(
            one,
            update_environment,
            needs=ADMINISTER,
            of=EnvironmentDefinition,
            answer=EnvironmentView,
        ),
    ]
