"""Flags over HTTP: in their project, and in each environment."""

from __future__ import annotations

from pennon.origin.authors import author_of
from pennon.origin.dry_run import ChangeQuery, DryRun, change, rehearsable
from pennon.origin.flags import copying, definitions, targetings
from pennon.origin.flags.copy_schemas import CopiedFlag, FlagCopy
from pennon.origin.flags.instructions import FlagInstructions
from pennon.origin.flags.schemas import (
    Definition,
    DefinitionPage,
    DefinitionView,
    FlagPage,
    FlagQuery,
    FlagView,
    NewFlag,
    Targeting,
)
from pennon.origin.schemas import full_name
from pennon.origin.services import Origin
from pennon.web.endpoint import Call, Endpoint, MergePatch, NoQuery, act, get, patch, post, put
from pennon.web.permissions import READ, READ_PART, WRITE


def endpoints(origin: Origin) -> list[Endpoint]:
    """Return what is served below ``/flags``, of a project and of an environment."""
    return [*_in_project(origin), *_in_environment(origin)]


def _in_project(origin: Origin) -> list[Endpoint]:
    async def list_flags(call: Call[None, FlagQuery]) -> DefinitionPage:
        """List a project's flags, searched, filtered and sorted."""
        return await origin.read(
            lambda c: definitions.list_flags(
                c, call["project"], call.query, call.principal, origin.clock()
            )
        )

    async def create_flag(call: Call[NewFlag, NoQuery]) -> DefinitionView:
        """Create a flag, switched off, in every environment of its project."""
        return await origin.create(
            lambda tx: definitions.create(tx, call["project"], call.body, author_of(call)),
            call.once,
            call["project"],
        )

    async def get_flag(call: Call[None, NoQuery]) -> DefinitionView:
        """Return a flag as its project has it."""
        return await origin.read(lambda c: definitions.find(c, call["project"], call["flag"]))

    async def update_flag(call: Call[MergePatch, ChangeQuery]) -> DefinitionView | DryRun:
        """Change a flag in all environments at once; archive it, or bring it back."""
        return await change(
            origin,
            call,
            Definition,
            lambda tx: definitions.change(
                tx, call["project"], call["flag"], call.body, author_of(call), call.if_match
            ),
        )

    many = "/api/v1/projects/{project}/flags"
    one = many + "/{flag}"
    return [
        get(many, list_flags, needs=READ_PART, query=FlagQuery, answer=DefinitionPage),
        post(
            many,
            create_flag,
            needs=WRITE,
            body=NewFlag,
            answer=DefinitionView,
            location=lambda view: f"/api/v1/projects/{view.project}/flags/{view.key}",
        ),
        get(one, get_flag, needs=READ_PART, query=NoQuery, answer=DefinitionView),
        rehearsable(patch(one, update_flag, needs=WRITE, of=Definition, answer=DefinitionView)),
    ]


def _in_environment(origin: Origin) -> list[Endpoint]:
    async def list_environment_flags(call: Call[None, FlagQuery]) -> FlagPage:
        """List an environment's flags, searched, filtered and sorted."""
        return await origin.read(
            lambda c: targetings.list_flags(
                c, call["project"], call["environment"], call.query, origin.clock()
            )
        )

    async def get_environment_flag(call: Call[None, NoQuery]) -> FlagView:
        """Return a flag in an environment."""
        return await origin.read(
            lambda c: targetings.find(c, call["project"], call["environment"], call["flag"])
        )

    async def update_environment_flag(call: Call[MergePatch, ChangeQuery]) -> FlagView | DryRun:
        """
        Change a flag in an environment: switch it, target it, roll it out.

        The answer's `version` is the one that the change took, and `propagation` says where to
        ask which points of presence have it.
        """
        return await change(
            origin,
            call,
            Targeting,
            lambda tx: targetings.change(
                tx,
                call["project"],
                call["environment"],
                call["flag"],
                call.body,
                author_of(call),
                call.if_match,
            ),
        )

    async def replace_environment_flag(call: Call[Targeting, ChangeQuery]) -> FlagView | DryRun:
        """
        Replace a flag's targeting in an environment as a whole.

        What the body leaves out gets its default. `If-Match` is required: it names the state
        that the new one was made from.
        """
        return await change(
            origin,
            call,
            Targeting,
            lambda tx: targetings.put(
                tx,
                call["project"],
                call["environment"],
                call["flag"],
                call.body,
                author_of(call),
                call.if_match,
            ),
        )

    async def instruct_environment_flag(
        call: Call[FlagInstructions, ChangeQuery],
    ) -> FlagView | DryRun:
        """
        Carry out instructions on a flag in an environment, all or none.

        Each says what is meant and is carried out on the newest state, so that no change of
        another person is lost. Together they take one version, and none where all that they
        ask for is so already.
        """
        return await change(
            origin,
            call,
            Targeting,
            lambda tx: targetings.instruct(
                tx,
                call["project"],
                call["environment"],
                call["flag"],
                call.body,
                author_of(call, call.body.comment),
                call.if_match,
            ),
        )

    async def copy_environment_flag(call: Call[FlagCopy, NoQuery]) -> CopiedFlag:
        """
        Copy a flag's targeting to another environment, once a dry run has shown the diff.

        The role of an editor is needed there, for a dry run that of a viewer.
        """
        asked = call.body
        there = full_name(call["project"], asked.to)
        call.principal.require("viewer" if asked.dry_run else "editor", there)
        place = call["project"], call["environment"], call["flag"]
        if asked.dry_run:
            return await origin.read(lambda c: copying.preview(c, *place, asked))
        author = author_of(call, asked.comment)
        return await origin.write(
            lambda tx: copying.copy(tx, *place, asked, author), call["project"]
        )

    many = "/api/v1/projects/{project}/environments/{environment}/flags"
    one = many + "/{flag}"
    return [
        get(many, list_environment_flags, needs=READ, query=FlagQuery, answer=FlagPage),
        get(one, get_environment_flag, needs=READ, query=NoQuery, answer=FlagView),
        rehearsable(
            patch(one, update_environment_flag, needs=WRITE, of=Targeting, answer=FlagView)
        ),
        rehearsable(
            put(one, replace_environment_flag, needs=WRITE, body=Targeting, answer=FlagView)
        ),
        rehearsable(
            act(
                one + "/instructions",
                instruct_environment_flag,
                needs=WRITE,
                body=FlagInstructions,
                answer=FlagView,
                if_match="optional",
            )
        ),
        act(one + "/copy", copy_environment_flag, needs=READ, body=FlagCopy, answer=CopiedFlag),
    ]
