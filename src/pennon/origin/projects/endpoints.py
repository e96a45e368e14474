"""Projects over HTTP."""

from __future__ import annotations

from pennon.origin.authors import author_of
from pennon.origin.projects import service
from pennon.origin.projects.schemas import NewProject, ProjectDefinition, ProjectPage, ProjectView
from pennon.origin.schemas import ArchivedQuery
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, MergePatch, NoQuery, get, patch, post
from pennon.web.permissions import ADMINISTER, READ_PART


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/projects``."""

    async def list_projects(call: Call[None, ArchivedQuery]) -> ProjectPage:
        """List the projects that you may see, in order of their keys."""
        return await origin.read(lambda c: service.list_projects(c, call.query, call.principal))

    async def create_project(call: Call[NewProject, NoQuery]) -> ProjectView:
        """Create a project, without environments yet."""
        return await origin.create(
            lambda tx: service.create(tx, call.body, author_of(call)), call.once, call.body.key
        )

    async def get_project(call: Call[None, NoQuery]) -> ProjectView:
        """Return a project."""
        return await origin.read(lambda c: service.find(c, call["project"]))

    async def update_project(call: Call[MergePatch, NoQuery]) -> ProjectView:
        """Change what is said of a project; archive it with all that it holds, or bring it back."""
        return await origin.write(
            lambda tx: service.change(
                tx, call["project"], call.body, author_of(call), call.if_match
            ),
            call["project"],
        )

    many, one = "/api/v1/projects", "/api/v1/projects/{project}"
    return [
        get(many, list_projects, needs=READ_PART, query=ArchivedQuery, answer=ProjectPage),
        post(
            many,
            create_project,
            needs=ADMINISTER,
            body=NewProject,
            answer=ProjectView,
            location=lambda view: f"{many}/{view.key}",
        ),
        get(one, get_project, needs=READ_PART, query=NoQuery, answer=ProjectView),
        patch(one, update_project, needs=ADMINISTER, of=ProjectDefinition, answer=ProjectView),
    ]
