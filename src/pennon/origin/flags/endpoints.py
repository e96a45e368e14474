"""Flags over HTTP: in their project, and in each environment."""

from __future__ import annotations

from pennon.origin.authors import author_of
from pennon.origin.flags import definitions, targetings
from pennon.origin.flags.schemas import (
    Definition,
    DefinitionPage,
    DefinitionView,
    FlagPage,
    FlagView,
    NewFlag,
    Targeting,
)
from pennon.origin.schemas import ArchivedQuery
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, MergePatch, NoQuery, get, patch, post


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/flags``, of a project and of an environment."""
    return [*_in_project(origin), *_in_environment(origin)]


def _in_project(origin: Origin) -> list[Endpoint]:
    async def list_flags(call: Call[None, ArchivedQuery]) -> DefinitionPage:
        """List a project's flags in order of their keys."""
        return await origin.read(lambda c: definitions.list_flags(c, call["project"], call.query))

    async def create_flag(call: Call[NewFlag, NoQuery]) -> DefinitionView:
        """Create a flag, switched off, in every environment of its project."""
        return await origin.write(
            lambda tx: definitions.create(tx, call["project"], call.body, author_of(call))
        )

    async def get_flag(call: Call[None, NoQuery]) -> DefinitionView:
        """Return a flag as its project has it."""
        return await origin.read(lambda c: definitions.find(c, call["project"], call["flag"]))

    async def update_flag(call: Call[MergePatch, NoQuery]) -> DefinitionView:
        """Change a flag in all environments at once; archive it, or bring it back."""
        return await origin.write(
            lambda tx: definitions.change(
                tx, call["project"], call["flag"], call.body, author_of(call), call.if_match
            )
        )

    many = "/api/v1/projects/{project}/flags"
    one = many + "/{flag}"
    return [
        get(many, list_flags, query=ArchivedQuery, answer=DefinitionPage),
        post(
            many,
            create_flag,
            body=NewFlag,
            answer=DefinitionView,
            location=lambda view: f"/api/v1/projects/{view.project}/flags/{view.key}",
        ),
        get(one, get_flag, query=NoQuery, answer=DefinitionView),
        patch(one, update_flag, of=Definition, answer=DefinitionView),
    ]


def _in_environment(origin: Origin) -> list[Endpoint]:
    async def list_environment_flags(call: Call[None, ArchivedQuery]) -> FlagPage:
        """List an environment's flags in order of their keys."""
        return await origin.read(
            lambda c: targetings.list_flags(c, call["project"], call["environment"], call.query)
        )

    async def get_environment_flag(call: Call[None, NoQuery]) -> FlagView:
        """Return a flag in an environment."""
        return await origin.read(
            lambda c: targetings.find(c, call["project"], call["environment"], call["flag"])
        )

    async def update_environment_flag(call: Call[MergePatch, NoQuery]) -> FlagView:
        """
        Change a flag in an environment: switch it, target it, roll it out.

        The answer's `version` is the one that the change took, and `propagation` says where to
        ask which points of presence have it.
        """
        return await origin.write(
            lambda tx: targetings.change(
                tx,
                call["project"],
                call["environment"],
                call["flag"],
                call.body,
                author_of(call),
                call.if_match,
            )
        )

    many = "/api/v1/projects/{project}/environments/{environment}/flags"
    one = many + "/{flag}"
    return [
        get(many, list_environment_flags, query=ArchivedQuery, answer=FlagPage),
        get(one, get_environment_flag, query=NoQuery, answer=FlagView),
        patch(one, update_environment_flag, of=Targeting, answer=FlagView),
    ]
